// Whole files of every container and codec that is taken, small, made once.

import { madeBy } from "@twinframe/gpu-backend/testing/clips";
import { numberedPictures } from "./numbered-pictures.ts";

const RATE = 10;
const SEED_S = 5;

/** Encoder options; keyframes a second apart where the codec has others as well. */
const ENCODERS: Record<string, string> = {
  h264: "-c:v libx264 -preset veryfast -crf 26 -g 10 -bf 2 -pix_fmt yuv420p",
  h264_one_keyframe: "-c:v libx264 -preset ultrafast -crf 26 -g 999 -sc_threshold 0 -pix_fmt yuv420p",
  hevc: "-c:v libx265 -preset ultrafast -crf 26 -x265-params log-level=error:keyint=10 -pix_fmt yuv420p",
  av1: "-c:v libsvtav1 -preset 10 -crf 40 -g 10 -svtav1-params lp=1 -pix_fmt yuv420p",
  vp8: "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 300k -g 10",
  vp9: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 300k -g 10",
  mpeg1: "-c:v mpeg1video -q:v 4 -g 10 -bf 2 -r 25",
  mpeg2: "-c:v mpeg2video -q:v 4 -g 10 -bf 2 -r 25",
  mpeg4: "-c:v mpeg4 -q:v 4 -g 10 -bf 2",
  mpeg4_plain: "-c:v mpeg4 -q:v 4 -g 10 -bf 0",
  msmpeg4v2: "-c:v msmpeg4v2 -q:v 4 -g 10",
  msmpeg4v3: "-c:v msmpeg4 -q:v 4 -g 10",
  wmv1: "-c:v wmv1 -q:v 4 -g 10",
  wmv2: "-c:v wmv2 -q:v 4 -g 10",
  theora: "-c:v libtheora -q:v 6 -g 10",
  prores: "-c:v prores_ks -profile:v 0",
  dnxhd: "-c:v dnxhd -profile:v dnxhr_lb -s 256x144 -pix_fmt yuv422p",
  mjpeg: "-c:v mjpeg -q:v 4 -pix_fmt yuvj420p",
  h263: "-c:v h263 -q:v 4 -g 10 -s 128x96 -r 30000/1001",
  flv1: "-c:v flv -q:v 4 -g 10",
};

/** Of each container, the codecs that its muxer and the players of it take. */
const CONTAINERS: Record<string, { codecs: string; muxing?: string }> = {
  mp4: { codecs: "h264 h264_one_keyframe hevc av1 vp9 mpeg4 mpeg2 mjpeg" },
  "frag.mp4": { codecs: "h264 hevc", muxing: "-movflags frag_keyframe+empty_moov+default_base_moof" },
  mov: { codecs: "h264 prores dnxhd mjpeg mpeg4 h263", muxing: "-movflags +faststart" },
  mkv: { codecs: "h264 hevc av1 vp8 vp9 mpeg1 mpeg2 mpeg4 msmpeg4v3 wmv2 theora prores mjpeg h263 flv1" },
  webm: { codecs: "vp8 vp9 av1" },
  avi: { codecs: "h264 mpeg1 mpeg2 mpeg4_plain msmpeg4v2 msmpeg4v3 wmv1 wmv2 mjpeg h263 flv1 theora" },
  ts: { codecs: "h264 hevc mpeg1 mpeg2 mpeg4" },
  flv: { codecs: "flv1 h264" },
  ogv: { codecs: "theora vp8" },
  mpg: { codecs: "mpeg1 mpeg2 h264" },
  wmv: { codecs: "wmv1 wmv2 msmpeg4v3 mpeg4_plain" },
  "3gp": { codecs: "h263 mpeg4_plain h264" },
};

export interface Seed {
  container: string;
  codec: string;
  /** `mp4`, where the container is a way of writing it. */
  extension: string;
}

export const SEEDS: readonly Seed[] = Object.entries(CONTAINERS).flatMap(([container, { codecs }]) =>
  codecs.split(" ").map((codec) => ({ container, codec, extension: container.split(".").at(-1) as string })),
);

/** A seed's file of the pictures of a variant, 0 to 3; made when it is first asked for. */
export function seedFile({ container, codec, extension }: Seed, variant: number): Promise<string> {
  return madeBy(extension, [
    ...["-f", "lavfi", "-i", `nullsrc=size=128x72:rate=${RATE}:duration=${SEED_S}`],
    ...["-vf", numberedPictures(variant), ...(ENCODERS[codec] as string).split(" "), "-threads", "1"],
    ...(CONTAINERS[container]?.muxing ?? "").split(" ").filter(Boolean),
  ]);
}
