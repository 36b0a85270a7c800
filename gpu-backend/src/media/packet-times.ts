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
  /** Whether no two pictures are closer than half of what most are, and all are near their place in the file. */
  isRegular: boolean;
  /** By how many pictures decoding runs ahead of showing. */
  reorderedBy: number;
}

/** ffmpeg joins the times of broadcast formats where they jump by more; or where they go back. */
const JUMP_S = 10;
const BACKWARD_S = 0.1;
/** More pictures than any codec reorders by. */
const MOST_REORDERED = 16;
/** Too few bytes for a picture: codecs say "as before" in so many or fewer (MPEG-4's "not coded" takes seven). */
const REPEAT_BYTES = 8;

const KEY = 1;
const REPEAT = 2;
const HIDDEN = 4;

/** The packets of one stream, as they are read. */
export class PacketTimes {
  /** NaN where unknown, as are decoding times. */
  readonly #timeS: number[] = [];
  #timed = 0;
  readonly #dtsS: number[] = [];
  readonly #durationS: number[] = [];
  readonly #flags: number[] = [];
  #digest = 0;
  #endPosition = 0;
  #bytes = 0;
  #lastBytes = 0;
  /** Of all but the last. */
  #mostBytes = 0;
  /** Of all packets, those that are hidden too. */
  packets = 0;
  /** Seconds of what an edit list hides of the packets that are there. */
  hiddenS = 0;

  add({ ptsS, dtsS, durationS, bytes, position, isKey, isHidden }: Packet): void {
    this.packets += 1;
    this.#bytes += bytes;
    this.#mostBytes = Math.max(this.#mostBytes, this.#lastBytes);
    this.#lastBytes = bytes;
    this.#digest = (Math.imul(this.#digest, 31) + bytes) | 0;
    if (position !== null) this.#endPosition = Math.max(this.#endPosition, position + bytes);
    const timeS = ptsS ?? dtsS;
    if (timeS !== null) this.#timed += 1;
    if (isHidden) this.hiddenS += durationS;
    this.#timeS.push(timeS ?? Number.NaN);
    this.#dtsS.push(dtsS ?? Number.NaN);
    this.#durationS.push(durationS);
    this.#flags.push((isKey ? KEY : 0) | (bytes <= REPEAT_BYTES ? REPEAT : 0) | (isHidden ? HIDDEN : 0));
  }

  /** Equal for the same packets in the same order. */
  get signature(): string {
    return `${this.packets} ${this.#digest}`;
  }

  /**
   * The part of all bytes that lies in a last packet larger than any other: where the codec changes, a demuxer takes
   * all that follows for one picture.
   */
  get swallowedShare(): number {
    return this.packets > 1 && this.#lastBytes > this.#mostBytes ? this.#lastBytes / this.#bytes : 0;
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
    const shown = this.#timed > 0 ? this.#shown(frameRate, followsJumps) : this.#counted(frameRate);
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
    const distances = startS
      .subarray(1)
      .map((start, i) => start - (startS[i] as number))
      .sort();
    const [least = 0, middle = 0] = [distances[0], distances[distances.length >> 1]];
    return {
      startS,
      isRegular: reorderedBy <= MOST_REORDERED && least >= middle / 2,
      isRepeat: Uint8Array.from(shown, ({ flags }) => (flags & REPEAT ? 1 : 0)),
      durationS,
      originS,
      longestS,
      reorderedBy,
      firstKeyS: firstKey.startS - originS,
      leading:
        shown.reduce((least, { flags, order }) => (flags & KEY ? Math.min(least, order) : least), count) %
        count,
    };
  }

  #shown(frameRate: number, followsJumps: boolean): TimedPicture[] {
    const pictures: TimedPicture[] = [];
    const usualS = frameRate > 0 ? 1 / frameRate : 0;
    let offsetS = 0;
    let nextDtsS = Number.NaN;
    /** From decoding to showing. */
    let lagS = 0;
    this.#timeS.forEach((statedS, i) => {
      const [dtsS, durationS] = [this.#dtsS[i] as number, this.#durationS[i] || usualS];
      const jumpS = dtsS + offsetS - nextDtsS;
      if (followsJumps && (jumpS > JUMP_S || jumpS < -BACKWARD_S)) offsetS -= jumpS;
      // A packet without times follows the one before it.
      const startS = Number.isNaN(statedS) ? nextDtsS + lagS : statedS + offsetS;
      if (!Number.isNaN(dtsS)) lagS = statedS - dtsS;
      nextDtsS = (Number.isNaN(dtsS) ? startS - lagS : dtsS + offsetS) + durationS;
      const flags = this.#flags[i] as number;
      if (!(flags & HIDDEN)) pictures.push({ startS, durationS, flags, order: pictures.length });
    });
    const known = pictures.findIndex(({ startS }) => !Number.isNaN(startS));
    for (let i = known - 1; i >= 0; i--) {
      const [picture, next] = pictures.slice(i, i + 2) as [TimedPicture, TimedPicture];
      picture.startS = next.startS - picture.durationS;
    }
    return pictures.sort((a, b) => a.startS - b.startS);
  }

  #counted(frameRate: number): TimedPicture[] {
    if (frameRate <= 0) return [];
    const durationS = 1 / frameRate;
    return Array.from({ length: this.packets }, (_, i) => ({
      startS: i * durationS,
      durationS,
      flags: 0,
      order: i,
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
