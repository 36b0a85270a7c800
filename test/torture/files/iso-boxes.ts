// MP4 and MOV as a tree of boxes (ISO/IEC 14496-12), to be changed and written again. Offsets of samples are not
// mended: a file whose `mdat` comes first, as ffmpeg writes it, keeps them.

export interface Box {
  type: string;
  /** Of a box without children; for one with children, empty. */
  body: Buffer;
  children: Box[] | null;
}

const CONTAINERS = new Set("moov trak mdia minf stbl edts moof traf mvex dinf mfra sinf schi".split(" "));

/** Bytes that are no box are kept as one of type "" at the end. */
export function parseBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    let size = bytes.readUInt32BE(at);
    let head = 8;
    if (size === 1 && at + 16 <= bytes.length) {
      size = Number(bytes.readBigUInt64BE(at + 8));
      head = 16;
    } else if (size === 0) size = bytes.length - at;
    if (size < head || at + size > bytes.length) break;
    const type = bytes.toString("latin1", at + 4, at + 8);
    const body = Buffer.from(bytes.subarray(at + head, at + size));
    const children = CONTAINERS.has(type) ? parseBoxes(body) : null;
    boxes.push({ type, body: children ? Buffer.alloc(0) : body, children });
    at += size;
  }
  if (at < bytes.length) boxes.push({ type: "", body: Buffer.from(bytes.subarray(at)), children: null });
  return boxes;
}

export function writeBoxes(boxes: readonly Box[]): Buffer {
  return Buffer.concat(
    boxes.map(({ type, body, children }) => {
      if (type === "") return body;
      const content = children ? writeBoxes(children) : body;
      const head = Buffer.alloc(8);
      head.writeUInt32BE(content.length + 8);
      head.write(type, 4, "latin1");
      return Buffer.concat([head, content]);
    }),
  );
}

export const box = (type: string, body: Buffer): Box => ({ type, body, children: null });

/** All boxes at a path such as `moov/trak/mdia/mdhd`. */
export function boxesAt(boxes: readonly Box[], path: string): Box[] {
  const [type, ...rest] = path.split("/");
  const found = boxes.filter((one) => one.type === type);
  return rest.length === 0 ? found : found.flatMap(({ children }) => boxesAt(children ?? [], rest.join("/")));
}

/** Big-endian numbers of 32 bits, negative ones included. */
export const words = (...numbers: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, 4 * i);
  return bytes;
};

/** Where a box of version 0 says its duration, in the movie's time scale but for `mdhd`. */
export const DURATION_AT: Record<string, number> = { mvhd: 16, tkhd: 20, mdhd: 16 };

export interface Edit {
  duration: number;
  mediaTime: number;
  /** 16.16 fixed point; 0x10000 is the usual speed. */
  rate?: number;
}

/** Gives a track an edit list in the place of the one that it has. */
export function setEdits(track: Box, edits: readonly Edit[]): void {
  const list = edits.flatMap(({ duration, mediaTime, rate = 0x10000 }) => [duration, mediaTime, rate]);
  const elst = box("elst", words(0, edits.length, ...list));
  const children = (track.children ?? []).filter(({ type }) => type !== "edts");
  track.children = [
    children[0]!,
    { type: "edts", body: Buffer.alloc(0), children: [elst] },
    ...children.slice(1),
  ];
}
