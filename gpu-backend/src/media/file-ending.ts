// Was the file cut? Containers state the sizes of their parts; a part that reaches past the end of the file means
// that bytes are missing. Reads only headers, and returns false for formats that state no sizes.

import { type FileHandle, open } from "node:fs/promises";

const MAX_PARTS = 20_000;

/**
 * How many bytes are missing at the end, at least, as a share of the file's stated size: 0 when its structure is
 * whole or states nothing. Never rejects for what the file holds.
 */
export async function missingShare(file: string): Promise<number> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const head = await readAt(handle, 0, 16);
  if (head.length < 16) return 0;
  if (head.readUInt32BE(0) === 0x1a45dfa3) return shareBeyond(size, await endOfMatroska(handle));
  if (head.toString("latin1", 0, 4) === "RIFF") return shareBeyond(size, head.readUInt32LE(4) + 8);
  if (head.toString("latin1", 0, 3) === "FLV") return (await isFlvCut(handle, size)) ? Number.EPSILON : 0;
  if (/^(ftyp|moov|mdat|free|skip|wide|styp|moof)$/.test(head.toString("latin1", 4, 8)))
    return await shareOfIsoMedia(handle, size);
  return 0;
}

function shareBeyond(size: number, statedEnd: number | null): number {
  return statedEnd === null || statedEnd <= size ? 0 : 1 - size / statedEnd;
}

/** MP4 and MOV: boxes of stated size follow each other up to the end of the file. */
async function shareOfIsoMedia(handle: FileHandle, size: number): Promise<number> {
  let position = 0;
  let isFragmented = false;
  for (let part = 0; part < MAX_PARTS && position < size; part += 1) {
    const header = await readAt(handle, position, 16);
    if (header.length < 8) return shareBeyond(size, position + 8);
    let length = header.readUInt32BE(0);
    if (length === 1) {
      if (header.length < 16) return shareBeyond(size, position + 16);
      length = Number(header.readBigUInt64BE(8));
    }
    const type = header.toString("latin1", 4, 8);
    const isBox = /^[\x20-\x7e\xa9]{4}$/.test(type);
    if (isBox && length === 0) return 0; // The last one, of any length.
    // Padding or another file appended, and nothing is known of it. Fragments behind it are lost, though.
    if (!isBox || length < 8) return isFragmented ? 1 - position / size : 0;
    isFragmented ||= type === "moof";
    position += length;
  }
  return shareBeyond(size, position);
}

/** Matroska and WebM: one EBML header, then one segment, whose size live recordings leave open. */
async function endOfMatroska(handle: FileHandle): Promise<number | null> {
  const header = await readElement(handle, 0);
  if (header === null || header.end === null) return null;
  const segment = await readElement(handle, header.end);
  return segment?.id === 0x18538067 ? segment.end : null;
}

async function readElement(handle: FileHandle, position: number) {
  const bytes = await readAt(handle, position, 12);
  const idLength = Math.clz32((bytes[0] ?? 0) << 24) + 1;
  const sizeLength = Math.clz32((bytes[idLength] ?? 0) << 24) + 1;
  if (idLength > 4 || sizeLength > 8 || bytes.length < idLength + sizeLength) return null;
  const id = bytes.readUIntBE(0, idLength);
  let length = (bytes[idLength] as number) & (0xff >> sizeLength);
  let isOpen = length === 0xff >> sizeLength;
  for (const byte of bytes.subarray(idLength + 1, idLength + sizeLength)) {
    length = length * 256 + byte;
    isOpen &&= byte === 0xff;
  }
  return { id, end: isOpen ? null : position + idLength + sizeLength + length };
}

/** FLV: each tag is followed by its own length; the last four bytes must lead back to a tag of that length. */
async function isFlvCut(handle: FileHandle, size: number): Promise<boolean> {
  const trailer = await readAt(handle, size - 4, 4);
  if (trailer.length < 4) return true;
  const length = trailer.readUInt32BE(0);
  const position = size - 4 - length;
  if (position < 9) return true;
  const tag = await readAt(handle, position, 4);
  return tag.length < 4 || tag.readUIntBE(1, 3) + 11 !== length;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
