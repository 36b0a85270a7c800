// Whether the edit lists of an MP4 or MOV file may do more than shift its start: hide, repeat or reorder pictures.
// Players differ in what they make of such lists. Reads the index (`moov`) alone; whatever is not as muxers write it
// counts as an edit.

import { type FileHandle, open } from "node:fs/promises";

const MAX_INDEX_BYTES = 64 * 1024 ** 2;
const MAX_BOXES = 20_000;
/** A list that starts or ends so close to the media's ends hides nothing worth looking at, seconds. */
export const HIDDEN_TOLERATED_S = 1;

interface Box {
  type: string;
  body: Buffer;
}

export async function editsMayMatter(file: string): Promise<boolean> {
  await using handle = await open(file, "r");
  const index = await readIndex(handle);
  if (index === null || index.includes("cmov")) return true;
  const lists = index.toString("latin1").split("elst").length - 1;
  if (lists === 0) return false;
  let plain = 0;
  const movieScale = timescaleOf(boxesIn(index).find(({ type }) => type === "mvhd")?.body);
  for (const track of boxesIn(index).filter(({ type }) => type === "trak")) {
    const list = inside(track.body, ["edts", "elst"]);
    if (list === undefined) continue;
    if (handlerOf(track.body) !== "soun" && !isPlain(list, track.body, movieScale)) return true;
    plain += 1;
  }
  // A list at a place where we do not look for one.
  return plain !== lists;
}

/** The body of the only `moov`; null when there is none, several, or one too large. */
async function readIndex(handle: FileHandle): Promise<Buffer | null> {
  const { size } = await handle.stat();
  let found: Buffer | null = null;
  let position = 0;
  for (let count = 0; count < MAX_BOXES && position + 8 <= size; count++) {
    const header = Buffer.alloc(16);
    const { bytesRead } = await handle.read(header, 0, 16, position);
    let length = header.readUInt32BE(0);
    let headerLength = 8;
    if (length === 1 && bytesRead === 16) {
      length = Number(header.readBigUInt64BE(8));
      headerLength = 16;
    } else if (length === 0) length = size - position;
    if (length < headerLength) break;
    if (header.toString("latin1", 4, 8) === "moov") {
      if (found !== null || length > MAX_INDEX_BYTES) return null;
      found = Buffer.alloc(Math.max(0, Math.min(length, size - position) - headerLength));
      await handle.read(found, 0, found.length, position + headerLength);
    }
    position += length;
  }
  return found;
}

function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length && boxes.length < MAX_BOXES; ) {
    const length = bytes.readUInt32BE(at);
    if (length < 8 || at + length > bytes.length) break;
    boxes.push({ type: bytes.toString("latin1", at + 4, at + 8), body: bytes.subarray(at + 8, at + length) });
    at += length;
  }
  return boxes;
}

function inside(bytes: Buffer, path: string[]): Buffer | undefined {
  const [first, ...rest] = path;
  const box = boxesIn(bytes).find(({ type }) => type === first);
  return rest.length === 0 || box === undefined ? box?.body : inside(box.body, rest);
}

const handlerOf = (track: Buffer) => {
  const handler = inside(track, ["mdia", "hdlr"]);
  return handler && handler.length >= 12 ? handler.toString("latin1", 8, 12) : "";
};

/** Units a second, of `mvhd` and `mdhd` alike; 0 when it cannot be read. */
function timescaleOf(header: Buffer | undefined): number {
  const at = header?.[0] === 1 ? 20 : 12;
  return header && header.length >= at + 4 ? header.readUInt32BE(at) : 0;
}

/** One edit at normal speed from (almost) the media's start to (almost) its end, after empty time if any. */
function isPlain(list: Buffer, track: Buffer, movieScale: number): boolean {
  const mediaScale = timescaleOf(inside(track, ["mdia", "mdhd"]));
  if (mediaScale === 0 || movieScale === 0 || list.length < 8) return false;
  const isLong = list[0] === 1;
  const entryBytes = isLong ? 20 : 12;
  const count = list.readUInt32BE(4);
  if (count > 2 || list.length < 8 + count * entryBytes) return false;
  const shown: { lengthS: number; startS: number; rate: number }[] = [];
  for (let at = 8; at < 8 + count * entryBytes; at += entryBytes) {
    const length = isLong ? Number(list.readBigUInt64BE(at)) : list.readUInt32BE(at);
    const start = isLong ? Number(list.readBigInt64BE(at + 8)) : list.readInt32BE(at + 4);
    const rate = list.readInt32BE(at + entryBytes - 4);
    if (start !== -1) shown.push({ lengthS: length / movieScale, startS: start / mediaScale, rate });
  }
  const [only] = shown;
  if (shown.length !== 1 || only === undefined || only.rate !== 0x10000) return false;
  if (only.startS > HIDDEN_TOLERATED_S) return false;
  const mediaS = mediaDuration(track) / mediaScale;
  // Of a fragmented file, whose index has no samples, only a list without an end is known to show them all.
  if (mediaS === 0) return only.lengthS === 0;
  return only.lengthS === 0 || only.lengthS >= mediaS - HIDDEN_TOLERATED_S;
}

/** The sum of the samples' durations, in the media's units. */
function mediaDuration(track: Buffer): number {
  const times = inside(track, ["mdia", "minf", "stbl", "stts"]);
  if (times === undefined || times.length < 8) return 0;
  const count = Math.min(times.readUInt32BE(4), Math.floor((times.length - 8) / 8));
  let sum = 0;
  for (let i = 0; i < count; i++) sum += times.readUInt32BE(8 + 8 * i) * times.readUInt32BE(12 + 8 * i);
  return sum;
}
