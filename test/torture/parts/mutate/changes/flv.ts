// Tags of FLV.

import { parseFlv, writeFlv } from "../../../files/flv-tags.ts";
import { pick } from "../../../files/random-choice.ts";
import type { Change } from "./bytes.ts";
import { disordered } from "./lies.ts";

export const flvChanges: Record<string, Change> = {
  "tags in disorder": ({ bytes, random }) => {
    const { header, tags } = parseFlv(bytes);
    return writeFlv(header, disordered(tags, random));
  },
  "times of tags": ({ bytes, random }) => {
    const { header, tags } = parseFlv(bytes);
    const from = random();
    const shift = pick(random, [-5000, -500, 500, 60_000, 2 ** 31, 2 ** 24]);
    const timed = tags.map((tag, i) => ({
      ...tag,
      timestampMs: i / tags.length < from ? tag.timestampMs : (tag.timestampMs + shift + 2 ** 32) % 2 ** 32,
    }));
    return writeFlv(header, timed);
  },
  "lies in the script data": (material) => {
    const bytes = Buffer.from(material.bytes);
    const name = pick(material.random, ["duration", "framerate", "width", "filesize", "videocodecid"]);
    const at = bytes.indexOf(name) + name.length + 1;
    bytes.writeDoubleBE(pick(material.random, [0, 0.001, 1, 1e6, -5, Number.NaN, 1e300]), at);
    return bytes;
  },
};
