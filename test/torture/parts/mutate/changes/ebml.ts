// Elements of Matroska and WebM.

import {
  type Element,
  elementsAt,
  ID,
  parseElements,
  withoutPositions,
  writeElements,
} from "../../../files/ebml.ts";
import { between, pick } from "../../../files/random-choice.ts";
import type { Change } from "./bytes.ts";
import { disordered } from "./lies.ts";

const ofElements =
  (change: (file: Element[], random: () => number) => void): Change =>
  ({ bytes, random }) => {
    const file = withoutPositions(parseElements(bytes));
    change(file, random);
    return writeElements(file);
  };
const allElements = (list: readonly Element[]): Element[] =>
  list.flatMap((one) => [one, ...allElements(one.children ?? [])]);

export const ebmlChanges: Record<string, Change> = {
  "lies in numbers": ofElements((file, random) => {
    const numbers = allElements(file).filter(
      ({ body, id }) => body.length > 0 && body.length <= 8 && id !== ID.simpleBlock,
    );
    for (let times = between(random, 1, 4); times > 0 && numbers.length > 0; times--) {
      const { body } = pick(random, numbers);
      if (random() < 0.5) body[between(random, 0, body.length - 1)] = between(random, 0, 255);
      else body.fill(pick(random, [0, 0xff, 0x7f, 1]));
    }
  }),
  "elements in disorder": ofElements((file, random) => {
    const lists = allElements(file).flatMap(({ children }) =>
      children && children.length > 1 ? [children] : [],
    );
    const list = lists.length > 0 ? pick(random, lists) : file;
    list.splice(0, list.length, ...disordered(list, random));
  }),
  "times of blocks": ofElements((file, random) => {
    for (const { body } of elementsAt(file, ID.segment, ID.cluster, ID.simpleBlock))
      if (random() < 0.3) body.writeInt16BE(between(random, -32_768, 32_767), 1);
  }),
  "sizes of elements": (material) => {
    const bytes = Buffer.from(material.bytes);
    const id = pick(material.random, [
      "1a45dfa3",
      "18538067",
      "1549a966",
      "1654ae6b",
      "1f43b675",
      "ae",
      "e0",
      "a3",
    ]);
    const at = bytes.indexOf(Buffer.from(id, "hex"), material.random() < 0.5 ? 0 : bytes.length >> 1);
    if (at >= 0) bytes[at + id.length / 2]! ^= between(material.random, 1, 255);
    return bytes;
  },
  "tags of duration": ({ bytes: whole, random }) => {
    const bytes = Buffer.from(whole);
    const at = bytes.indexOf("00:00:0");
    if (at >= 0)
      bytes.write(
        pick(random, ["00:00:00.1", "00:00:01.0", "00:01:00.0", "03:59:00.0", "99:00:00.0", "-0:00:05.0"]),
        at,
      );
    return bytes;
  },
};
