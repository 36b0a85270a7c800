// Nonces of genuine requests, remembered for as long as their signatures hold, so that none is worked on twice. The
// memory is bounded: when it is full, requests are refused; nothing is forgotten early.

import { SIGNATURE_TOLERANCE_S, type Signed } from "@twinframe/shared/signing";

/** `unknowable`: signed in a time of which this memory knows nothing, such as before the process began. */
export type Admission = "new" | "replayed" | "unknowable" | "full";

export class NonceMemory {
  readonly #limit: number;
  /** By the second in which they were signed: the signature binds both, so a repetition has the same. */
  readonly #seen = new Map<number, Set<string>>();
  #count = 0;
  /** What was signed in an earlier second is not known here. */
  #knownFromS: number;

  /** `limit` nonces at most, about 100 bytes each. */
  constructor(limit: number, startedMs: number = Date.now()) {
    this.#limit = limit;
    this.#knownFromS = Math.floor(startedMs / 1000);
  }

  /** Remembers it when it is new. */
  admit({ timestampS, nonce }: Signed, nowMs: number = Date.now()): Admission {
    this.#forgetExpired(nowMs);
    if (timestampS < this.#knownFromS) return "unknowable";
    const ofSecond = this.#seen.get(timestampS) ?? new Set();
    if (ofSecond.has(nonce)) return "replayed";
    if (this.#count >= this.#limit) return "full";
    this.#seen.set(timestampS, ofSecond.add(nonce));
    this.#count++;
    return "new";
  }

  /** A clock that is set back does not make valid again what has been forgotten. */
  #forgetExpired(nowMs: number): void {
    const validFromS = Math.ceil(nowMs / 1000) - SIGNATURE_TOLERANCE_S;
    if (validFromS <= this.#knownFromS) return;
    this.#knownFromS = validFromS;
    for (const [second, nonces] of this.#seen) {
      if (second >= validFromS) continue;
      this.#seen.delete(second);
      this.#count -= nonces.size;
    }
  }
}
