// When the pictures of one stream are shown, by the times of its packets, and how much of the file they are.

export interface Packet {
  /** Seconds on the stream's clock; null where the container gives none. */
  ptsS: number | null;
  dtsS: number | null;
  /** 0 when unknown. */
  durationS: number;
  bytes: number;
  /** Offset in the file; null when unknown. */
  position: number | null;
  isKey: boolean;
  /** Needed for decoding alone: an edit list hides it. */
  isHidden: boolean;
}

/** The pictures in the order in which they are shown; seconds from the first one. */
export interface Timeline {
  /** float64 [pictures]; a picture is shown from here until the next one. */
  startS: Float64Array;
  /** uint8 [pictures]: 1 for a packet that says no more than "as before". */
  isRepeat: Uint8Array;
  /** When the last picture has been shown. */
  durationS: number;
  /** Where the first picture is on the stream's clock, seconds. */
  originS: number;
  /** The longest time that one picture is shown. */
  longestS: number;
  /** When the first keyframe is shown; 0 when none is marked. */
  firstKeyS: number;
  /** Pictures that stand before the first keyframe in the file. */
  leading: number;
  /** By how many pictures decoding runs ahead of showing. */
  reorderedBy: number;
}

/** ffmpeg joins the times of broadcast formats where they jump by more; or where they go back. */
const JUMP_S = 10;
const BACKWARD_S = 0.1;
/** Too few bytes for a picture: codecs say "as before" in so many or fewer (MPEG-4's "not coded" takes seven). */
const REPEAT_BYTES = 8;

const KEY = 1;
const REPEAT = 2;
const HIDDEN = 4;

/** The packets of one stream, as they are read. */
export class PacketTimes {
  readonly #timeS: number[] = [];
  /** NaN where unknown. */
  readonly #dtsS: number[] = [];
  readonly #durationS: number[] = [];
  readonly #flags: number[] = [];
  #digest = 0;
  #endPosition = 0;
  /** Of all packets, those that are hidden too. */
  packets = 0;
  /** Seconds of what an edit list hides of the packets that are there. */
  hiddenS = 0;

  add({ ptsS, dtsS, durationS, bytes, position, isKey, isHidden }: Packet): void {
    this.packets += 1;
    this.#digest = (Math.imul(this.#digest, 31) + bytes) | 0;
    if (position !== null) this.#endPosition = Math.max(this.#endPosition, position + bytes);
    const timeS = ptsS ?? dtsS;
    if (timeS === null) return;
    if (isHidden) this.hiddenS += durationS;
    this.#timeS.push(timeS);
    this.#dtsS.push(dtsS ?? Number.NaN);
    this.#durationS.push(durationS);
    this.#flags.push((isKey ? KEY : 0) | (bytes <= REPEAT_BYTES ? REPEAT : 0) | (isHidden ? HIDDEN : 0));
  }

  /** Equal for the same packets in the same order. */
  get signature(): string {
    return `${this.packets} ${this.#digest}`;
  }

  /** Where the last byte of its packets lies in the file; 0 when the container does not say. */
  get endPosition(): number {
    return this.#endPosition;
  }

  /**
   * Null when nothing is shown, or for no time at all. `frameRate` is for streams whose packets have no times;
   * `followsJumps`: the format's clock may start anew within a file.
   */
  timeline(frameRate: number, followsJumps: boolean): Timeline | null {
    const shown = this.#timeS.length > 0 ? this.#shown(followsJumps) : this.#counted(frameRate);
    const count = shown.length;
    const [first, last] = [shown[0], shown[count - 1]];
    if (first === undefined || last === undefined) return null;
    const originS = first.startS;
    const lastS = last.startS - originS;
    // The last packet often has no duration of its own: it lasts as long as the others on average.
    const averageS = count > 1 ? lastS / (count - 1) : frameRate > 0 ? 1 / frameRate : 0;
    const durationS = lastS + (last.durationS > 0 ? last.durationS : averageS);
    if (!(durationS > 0)) return null;
    const startS = Float64Array.from(shown, (picture) => picture.startS - originS);
    const longestS = startS.reduce(
      (longest, start, i) => Math.max(longest, (startS[i + 1] ?? durationS) - start),
      0,
    );
    const firstKey = shown.find(({ flags }) => flags & KEY) ?? first;
    const reorderedBy = shown.reduce((most, { order }, rank) => Math.max(most, order - rank), 0);
    return {
      startS,
      isRepeat: Uint8Array.from(shown, ({ flags }) => (flags & REPEAT ? 1 : 0)),
      ...{ durationS, originS, longestS, reorderedBy },
      firstKeyS: firstKey.startS - originS,
      leading:
        shown.reduce((least, { flags, order }) => (flags & KEY ? Math.min(least, order) : least), count) %
        count,
    };
  }

  #shown(followsJumps: boolean): TimedPicture[] {
    const pictures: TimedPicture[] = [];
    let offsetS = 0;
    let nextDtsS = Number.NaN;
    this.#timeS.forEach((timeS, i) => {
      const [dtsS, durationS] = [this.#dtsS[i] as number, this.#durationS[i] as number];
      const jumpS = dtsS + offsetS - nextDtsS;
      if (followsJumps && (jumpS > JUMP_S || jumpS < -BACKWARD_S)) offsetS -= jumpS;
      if (!Number.isNaN(dtsS)) nextDtsS = dtsS + offsetS + durationS;
      const flags = this.#flags[i] as number;
      if (!(flags & HIDDEN))
        pictures.push({ startS: timeS + offsetS, durationS, flags, order: pictures.length });
    });
    return pictures.sort((a, b) => a.startS - b.startS);
  }

  #counted(frameRate: number): TimedPicture[] {
    if (frameRate <= 0) return [];
    const durationS = 1 / frameRate;
    return Array.from({ length: this.packets }, (_, i) => ({
      startS: i * durationS,
      ...{ durationS, flags: 0, order: i },
    }));
  }
}

interface TimedPicture {
  startS: number;
  durationS: number;
  flags: number;
  /** In the file. */
  order: number;
}
