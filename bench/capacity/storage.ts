// Bytes of the index by design. A design says how many vectors a minute are searched and what each takes.

import { ASSUMED, MEASURED, QDRANT } from "./constants.ts";

export interface Design {
  name: string;
  vectorsPerMinute: number;
  /** In memory, each vector. */
  memoryBytes: number;
  /** On disk, each vector. */
  diskBytes: number;
}

const scenesPerMinute = 60 / ASSUMED.secondsPerScene;
const { codeBytes, linkBytes, pointBytes, originalBytes, payloadBytes } = QDRANT;
const BINARY_BYTES = codeBytes / 8;

export const DESIGNS: Design[] = [
  {
    name: "A: every frame, int8 and links in memory",
    vectorsPerMinute: MEASURED.framesPerMinute,
    memoryBytes: codeBytes + linkBytes + pointBytes,
    diskBytes: originalBytes + codeBytes + linkBytes + payloadBytes,
  },
  {
    name: "B: a vector a scene, int8 and links in memory",
    vectorsPerMinute: scenesPerMinute,
    memoryBytes: codeBytes + linkBytes + pointBytes,
    diskBytes: originalBytes + codeBytes + linkBytes + payloadBytes,
  },
  {
    name: "C: a vector a scene, one bit a dimension in memory, the rest on disk",
    vectorsPerMinute: scenesPerMinute,
    memoryBytes: BINARY_BYTES + pointBytes / 2,
    diskBytes: codeBytes + BINARY_BYTES + linkBytes + payloadBytes,
  },
];

export interface Storage {
  vectors: number;
  /** Of one copy. */
  memoryBytes: number;
  /** Of one copy: vectors, and all frames packed for the alignment. */
  diskBytes: number;
}

export function storageOf(design: Design, references: number): Storage {
  const minutes = references * ASSUMED.meanMinutes;
  const vectors = minutes * design.vectorsPerMinute;
  return {
    vectors,
    memoryBytes: vectors * design.memoryBytes,
    diskBytes: vectors * design.diskBytes + minutes * MEASURED.storedBytesPerMinute,
  };
}

export function embeddedOf(references: number) {
  const frames = references * ASSUMED.meanMinutes * MEASURED.framesPerMinute;
  return {
    frames,
    memoryBytes: frames * MEASURED.embedded.bytesPerFrame,
    diskBytes: references * ASSUMED.meanMinutes * MEASURED.storedBytesPerMinute,
    /** Of one check in one library of all of it. */
    searchS: (MEASURED.embedded.searchPerMillion / 1000) * (frames / 1e6),
  };
}
