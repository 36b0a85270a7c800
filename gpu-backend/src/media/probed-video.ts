import type { DecodingNeeds } from "./decoding-memory.ts";
import type { Timeline } from "./packet-times.ts";

/** One stream of pictures as players show it. */
export interface ProbedVideo {
  /** ffmpeg's name of the format family, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  /** ffmpeg's name, such as `h264`. */
  codec: string;
  /** The video stream's number in the file. */
  videoStreamIndex: number;
  /** Whether what an edit list hides or rearranges is shown as it lies in the file. */
  ignoresEditList: boolean;
  /** Whether its pictures are shown one after the other at an even rate, whatever their times. */
  ignoresTimes: boolean;
  /** Pixels as shown, turned as the file asks. */
  width: number;
  height: number;
  /** Whether the file asks for its picture to be turned or mirrored. */
  isTurned: boolean;
  /** Pictures a second where they follow each other as closely as most do. */
  frameRate: number;
  /** Seconds from the first picture's start to the last one's end, by the times of the packets. */
  durationS: number;
  timeline: Timeline;
  /** Equal for the same packets in the same order. */
  packetsSignature: string;
  /** Where ffmpeg's clock begins on the streams' clock, seconds. */
  clockStartS: number;
  /** What the file states of the stream's or of its own duration, seconds; null when nothing. */
  statedDurationS: number | null;
  /** Whether bytes of the file had to be passed over, so that pictures may be missing unheard. */
  isDamaged: boolean;
  /** The share of the file that lies behind the stream's last packet; null when that has no meaning. */
  shareBehind: number | null;
  /** Seconds of pictures that ffmpeg hides although no edit list asks for it. */
  hiddenS: number;
  /** The part of the stream's bytes in a last packet that is larger than any other. */
  swallowedShare: number;
  /** What its decoder holds in memory. */
  decoding: DecodingNeeds;
}
