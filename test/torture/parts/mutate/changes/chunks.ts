// Chunks and objects of AVI and ASF.

import { between, pick } from "../../../files/random-choice.ts";
import type { Change } from "./bytes.ts";
import { inDisorder, lie } from "./lies.ts";

export const aviChanges: Record<string, Change> = {
  "chunks in disorder": inDisorder(Buffer.from("00dc")),
  "lies in headers": (material) => {
    const bytes = Buffer.from(material.bytes);
    const name = pick(material.random, ["avih", "strh", "strf", "idx1", "movi", "RIFF", "hdrl", "strl"]);
    const at = bytes.indexOf(name) + 4 + 4 * between(material.random, 0, 10);
    if (at >= 4 && at + 4 <= bytes.length)
      bytes.writeUInt32LE(lie(material.random, bytes.readUInt32LE(at)), at);
    return bytes;
  },
  "lies in the index": (material) => {
    const bytes = Buffer.from(material.bytes);
    const index = bytes.lastIndexOf("idx1") + 8;
    const entries = Math.floor((bytes.length - index) / 16);
    for (let times = between(material.random, 1, 30); times > 0 && entries > 0; times--) {
      const at = index + 16 * Math.floor(material.random() * entries) + 4 * between(material.random, 0, 3);
      bytes.writeUInt32LE(lie(material.random, bytes.readUInt32LE(at)), at);
    }
    return bytes;
  },
};

export const asfChanges: Record<string, Change> = {
  "lies in the file properties": (material) => {
    const bytes = Buffer.from(material.bytes);
    const at =
      bytes.indexOf(Buffer.from("a1dcab8c47a9cf118ee400c00c205365", "hex")) +
      40 +
      4 * between(material.random, 0, 14);
    bytes.writeUInt32LE(lie(material.random, bytes.readUInt32LE(at)), at);
    return bytes;
  },
  "packets in disorder": inDisorder(Buffer.from([0x82, 0, 0])),
};
