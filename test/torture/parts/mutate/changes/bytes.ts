// Damage that knows nothing of formats.

import { between, noise, pick } from "../../../files/random-choice.ts";

export interface Material {
  bytes: Buffer;
  /** Another whole file of the same container and codec. */
  other(): Promise<Buffer>;
  random: () => number;
}

/** Gives a new file, and does not change the one it is given. */
export type Change = (material: Material) => Buffer | Promise<Buffer>;

/** Where a change begins: headers are met as often as all else together. */
function place({ bytes, random }: Material): number {
  const head = Math.min(bytes.length, 2048);
  const tail = Math.max(0, bytes.length - 2048);
  const draw = random();
  if (draw < 0.3) return Math.floor(random() * head);
  if (draw < 0.45) return tail + Math.floor(random() * (bytes.length - tail));
  return Math.floor(random() * bytes.length);
}

const some = (material: Material) =>
  Math.min(material.bytes.length, Math.ceil(material.bytes.length * material.random() ** 3 * 0.6) + 1);

function filled(material: Material, value: (length: number) => Buffer): Buffer {
  const bytes = Buffer.from(material.bytes);
  const at = place(material);
  value(Math.min(some(material), bytes.length - at)).copy(bytes, at);
  return bytes;
}

const without = (bytes: Buffer, from: number, to: number) =>
  Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
const withInside = (bytes: Buffer, at: number, more: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);

export const byteChanges: Record<string, Change> = {
  "bits flipped": (material) => {
    const bytes = Buffer.from(material.bytes);
    for (let times = between(material.random, 1, 48); times > 0; times--)
      bytes[place(material)]! ^= 1 << between(material.random, 0, 7);
    return bytes;
  },
  "numbers overwritten": (material) => {
    const bytes = Buffer.from(material.bytes);
    for (let times = between(material.random, 1, 6); times > 0; times--) {
      const at = Math.min(place(material), bytes.length - 4);
      const value = pick(
        material.random,
        [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000],
      );
      if (material.random() < 0.5) bytes.writeUInt32BE(value, at);
      else bytes.writeUInt32LE(value, at);
    }
    return bytes;
  },
  "cut at the end": ({ bytes, random }) => bytes.subarray(0, Math.ceil(bytes.length * random())),
  "cut at the beginning": ({ bytes, random }) => bytes.subarray(Math.floor(bytes.length * random() * 0.5)),
  "a part missing": (material) => {
    const at = place(material);
    return without(material.bytes, at, at + some(material));
  },
  zeroed: (material) => filled(material, (length) => Buffer.alloc(length)),
  "ones in a part": (material) => filled(material, (length) => Buffer.alloc(length, 0xff)),
  "noise in a part": (material) => filled(material, (length) => noise(material.random, length)),
  "a part twice": (material) => {
    const at = place(material);
    return withInside(material.bytes, at, material.bytes.subarray(at, at + some(material)));
  },
  "parts exchanged": (material) => {
    const { bytes, random } = material;
    const length = Math.min(some(material), bytes.length >> 2);
    const [a, b] = [
      between(random, 0, (bytes.length >> 1) - length),
      between(random, bytes.length >> 1, bytes.length - length),
    ];
    const out = Buffer.from(bytes);
    bytes.copy(out, a, b, b + length);
    bytes.copy(out, b, a, a + length);
    return out;
  },
  "noise appended": ({ bytes, random }) => Buffer.concat([bytes, noise(random, between(random, 1, 20_000))]),
  "noise inserted": (material) =>
    withInside(material.bytes, place(material), noise(material.random, between(material.random, 1, 5000))),
  "spliced with another": async ({ bytes, other, random }) => {
    const [share, rest] = [random(), await other()];
    const from = rest.length * (random() < 0.5 ? share : random());
    return Buffer.concat([bytes.subarray(0, bytes.length * share), rest.subarray(from)]);
  },
  "another appended": async ({ bytes, other }) => Buffer.concat([bytes, await other()]),
  "a part of another inside": async (material) => {
    const rest = await material.other();
    const from = Math.floor(material.random() * rest.length);
    return withInside(material.bytes, place(material), rest.subarray(from, from + some(material)));
  },
};
