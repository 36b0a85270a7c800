// FLV as a list of tags (Adobe FLV 10.1, annex E).

export interface FlvTag {
  /** 8 audio, 9 video, 18 script data. */
  type: number;
  timestampMs: number;
  body: Buffer;
}

const HEADER_BYTES = 9;

export function parseFlv(bytes: Buffer): { header: Buffer; tags: FlvTag[] } {
  const tags: FlvTag[] = [];
  let at = HEADER_BYTES + 4;
  while (at + 11 <= bytes.length) {
    const length = bytes.readUIntBE(at + 1, 3);
    const timestampMs = bytes.readUIntBE(at + 4, 3) + bytes[at + 7]! * 2 ** 24;
    const body = Buffer.from(bytes.subarray(at + 11, at + 11 + length));
    tags.push({ type: bytes[at]!, timestampMs, body });
    at += 11 + length + 4;
  }
  return { header: Buffer.from(bytes.subarray(0, HEADER_BYTES)), tags };
}

export function writeFlv(header: Buffer, tags: readonly FlvTag[]): Buffer {
  const parts = [header, Buffer.alloc(4)];
  for (const { type, timestampMs, body } of tags) {
    const head = Buffer.alloc(11);
    head[0] = type;
    head.writeUIntBE(body.length, 1, 3);
    head.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
    head[7] = Math.floor(timestampMs / 2 ** 24);
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE(body.length + 11);
    parts.push(head, body, trailer);
  }
  return Buffer.concat(parts);
}
