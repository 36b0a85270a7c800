// ffmpeg's log while it decodes: the time of every picture that came out, in order, and its errors.
// Errors are logged before the picture that they spoil, at most as many pictures ahead as the decoder holds back.

import { randomBytes } from "node:crypto";
import { FlickerDetector, type Stretch } from "./flicker.ts";
import type { Timeline } from "./packet-times.ts";

/** A decoder may hold back one picture more than the order asks for. */
const HELD_ANYWAY = 1;
/** Frame threads work on so many pictures more at once. */
const MOST_THREADED = 24;
const NOTABLE_CHARACTERS = 32_768;

/** Level names stand in each line, and equal lines are not counted together. */
export const LOG_ARGUMENTS = ["-hide_banner", "-nostats", "-v", "repeat+level+info"];

/** Of the decoders, about what leaves the pictures as they should be; or of what comes behind the decoder. */
const HARMLESS =
  /^\[(rawvideo|swscaler|auto_scale|scale)\b|Application provided invalid|Warning MVs not available|\bSEI\b|APP fields|overread|mmco: |number of reference frames|co located POCs|Increasing reorder buffer/;
const ERROR = /\[(error|fatal|panic)\]|concealing \d+ DC|corrupt input packet/;
/** ffmpeg's own word for a packet that came to nothing. */
const LOST = /^\[error\] Error while decoding stream/;
/** Before this line ffmpeg only opens the file. */
const BEGIN = /^\[info\] Stream mapping:/;
/** A stream that begins after the demuxer has looked for streams. */
const LATE_STREAM = /^\[[^\]]*\] \[warning\] New video stream \d/;
/** Ticks a second of the clock by which pictures are logged when they are counted as well. */
const CLOCK = 1_000_000;
/** A logged time is that clock's, times this, and the number of pictures before, modulo this: more than between two logged. */
const COUNTED = 1024;
const CORRUPT = /: corrupt decoded frame in stream/;

export interface DecodedPictures {
  /** Seconds on the stream's clock, in the order in which they came. */
  timeS: readonly number[];
  /** In the same order: whether nothing was wrong with it or with what it is made from. */
  isSound: readonly boolean[];
}

export class DecoderLog implements DecodedPictures {
  readonly timeS: number[] = [];
  readonly isSound: boolean[] = [];
  /** Of each logged picture, how many were decoded before it. Empty where all are logged. */
  readonly cameBefore: number[] = [];
  /** Whether a stream of pictures began in the middle of the file. */
  hasLateStream = false;
  /** Whether there was any sign of damage. */
  isDamaged = false;
  #notable = "";
  readonly #name: string;
  readonly #picture: RegExp;
  readonly #heldBack: number;
  #hasBegun = false;
  #isFirstLine = true;
  #leading: number;
  readonly #flicker = new FlickerDetector();
  #isCounting = false;
  #count = 0;
  #isSpoilt = false;
  #wasJustSpoilt = false;
  #sinceError = Number.POSITIVE_INFINITY;

  /** `reorderedBy`, `leading` from the packets; `isThreaded`: the decoder may work on several pictures at once. */
  constructor(
    { reorderedBy, leading }: Pick<Timeline, "reorderedBy" | "leading">,
    { isThreaded }: { isThreaded: boolean },
  ) {
    this.#leading = leading;
    // Lines that a file has printed cannot know the name.
    this.#name = `showinfo@${randomBytes(8).toString("hex")}`;
    this.#picture = new RegExp(
      `^\\[${this.#name} @ [^\\]]*\\] \\[info\\] n: *\\d+ pts: *(\\S+) pts_time:(\\S+) .*iskey:(\\d).* mean:\\[([\\d ]*)\\] stdev:\\[([\\d. ]*)\\]`,
    );
    this.#heldBack = reorderedBy + HELD_ANYWAY + (isThreaded ? MOST_THREADED : 0);
  }

  /**
   * Has ffmpeg tell of the pictures that the filters behind this one get: of each, or, since every line costs both
   * sides a call, of about one in so many seconds, whose time then also says how many came before it. Which ones
   * follows from the seed. Of each it tells the measures of a few of its pixels.
   */
  filter(onlyEveryS: number | null, seed = 0): string {
    const tell = `scale=32:18:flags=neighbor,format=yuv420p,${this.#name},nullsink`;
    if (onlyEveryS === null) return `split[all][told];[told]${tell};[all]null`;
    this.#isCounting = true;
    const distance = `${onlyEveryS * COUNTED}*(0.5+random(0))`;
    const some = `select='0*if(n,0,st(0,${seed}))+isnan(prev_selected_t)+gte(t-prev_selected_t,${distance})'`;
    const counted = `settb=1/${CLOCK},setpts='PTS*${COUNTED}+mod(N,${COUNTED})'`;
    return `split[all][told];[told]${counted},${some},${tell};[all]null`;
  }

  readonly read = (line: string): void => {
    // A launcher that fails logs before ffmpeg does: then ffmpeg has not started, and has read nothing of the file.
    if (this.#isFirstLine && !line.startsWith("[")) this.#notable += `${line}\n`;
    this.#isFirstLine = false;
    if (!this.#hasBegun) this.#hasBegun = BEGIN.test(line);
    else if (line.startsWith(`[${this.#name} `)) this.#readPicture(line);
    else if (LATE_STREAM.test(line)) this.hasLateStream = true;
    else if (CORRUPT.test(line)) this.#spoil();
    else if (ERROR.test(line) && !HARMLESS.test(line)) {
      this.#spoil();
      this.#sinceError = this.#isLeading(line) ? Number.POSITIVE_INFINITY : 0;
      if (this.#notable.length < NOTABLE_CHARACTERS) this.#notable += `${line}\n`;
    }
  };

  /** Where what is shown goes to and fro too fast for sampled frames; seconds from the first picture. */
  get flicker(): readonly Stretch[] {
    return this.#flicker.stretches;
  }

  /** Bounded; the messages of errors alone. */
  get notable(): string {
    return this.#notable;
  }

  /** Of what comes before the first keyframe nothing can come: the keyframe is none the worse for it. */
  #isLeading(line: string): boolean {
    if (this.timeS.length > 0 || this.#leading === 0 || !LOST.test(line)) return false;
    this.#leading -= 1;
    return true;
  }

  #spoil(): void {
    this.isDamaged = true;
    this.#isSpoilt = true;
    this.#wasJustSpoilt = true;
  }

  #readPicture(line: string): void {
    const found = this.#picture.exec(line);
    if (!found) return;
    const timeS = this.#isCounting
      ? this.#readCounted(Number(found[1]))
      : Number.parseFloat(found[2] as string);
    this.#sinceError += 1;
    // What is made anew there owes nothing to what was spoilt, unless the error was in it or comes behind it.
    if (found[3] === "1" && !this.#wasJustSpoilt && this.#sinceError > this.#heldBack) this.#isSpoilt = false;
    this.#wasJustSpoilt = false;
    if (!Number.isFinite(timeS)) return;
    this.#flicker.add(`${found[4]} ${found[5]}`.split(" ").map(Number), timeS - (this.timeS[0] ?? timeS));
    this.timeS.push(timeS);
    this.isSound.push(!this.#isSpoilt);
  }

  #readCounted(time: number): number {
    const ticks = Math.floor(time / COUNTED);
    const since = (time - ticks * COUNTED - this.#count + COUNTED) % COUNTED;
    if (Number.isNaN(since)) return Number.NaN;
    this.#count = (this.#count + since) % COUNTED;
    this.cameBefore.push((this.cameBefore.at(-1) ?? 0) + since);
    return ticks / CLOCK;
  }
}
