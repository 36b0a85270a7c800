// Matroska and WebM as a tree of elements (RFC 8794, RFC 9559), to be changed and written again. Positions in SeekHead
// and Cues are not mended: `withoutPositions` drops both.

export interface Element {
  id: number;
  body: Buffer;
  children: Element[] | null;
}

export const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  cues: 0x1c53bb6b,
  info: 0x1549a966,
  duration: 0x4489,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  track: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  flagDefault: 0x88,
  flagEnabled: 0xb9,
  defaultDuration: 0x23e383,
  contentEncodings: 0x6d80,
  contentEncoding: 0x6240,
  contentEncodingType: 0x5033,
  contentEncryption: 0x5035,
  video: 0xe0,
  cluster: 0x1f43b675,
  clusterTime: 0xe7,
  simpleBlock: 0xa3,
  tags: 0x1254c367,
} as const;

const CONTAINERS = new Set<number>([ID.segment, ID.info, ID.tracks, ID.track, ID.video, ID.cluster]);

export function parseElements(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const idLength = Math.clz32(bytes[at]! << 24) + 1;
    const sizeLength = Math.clz32((bytes[at + idLength] ?? 0) << 24) + 1;
    if (idLength > 4 || sizeLength > 8 || at + idLength + sizeLength > bytes.length) break;
    const id = bytes.readUIntBE(at, idLength);
    let size = bytes[at + idLength]! & (0xff >> sizeLength);
    let isOpen = size === 0xff >> sizeLength;
    for (let i = 1; i < sizeLength; i++) {
      const byte = bytes[at + idLength + i]!;
      size = size * 256 + byte;
      isOpen &&= byte === 0xff;
    }
    const start = at + idLength + sizeLength;
    const end = isOpen ? bytes.length : Math.min(bytes.length, start + size);
    const body = Buffer.from(bytes.subarray(start, end));
    const children = CONTAINERS.has(id) ? parseElements(body) : null;
    elements.push({ id, body: children ? Buffer.alloc(0) : body, children });
    at = end;
  }
  return elements;
}

function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes.subarray(id > 0xffffff ? 0 : id > 0xffff ? 1 : id > 0xff ? 2 : 3);
}

/** Every size takes eight bytes. */
export function writeElements(elements: readonly Element[]): Buffer {
  return Buffer.concat(
    elements.flatMap(({ id, body, children }) => {
      const content = children ? writeElements(children) : body;
      const size = Buffer.alloc(8);
      size.writeBigUInt64BE(BigInt(content.length) | (1n << 56n));
      return [idBytes(id), size, content];
    }),
  );
}

export const element = (id: number, body: Buffer): Element => ({ id, body, children: null });
export const parent = (id: number, children: Element[]): Element => ({ id, body: Buffer.alloc(0), children });

/** All elements at a path of ids. */
export function elementsAt(elements: readonly Element[], ...[id, ...rest]: number[]): Element[] {
  const found = elements.filter((one) => one.id === id);
  return rest.length === 0 ? found : found.flatMap(({ children }) => elementsAt(children ?? [], ...rest));
}

/** Puts an element in the place of all of its id, or adds it. */
export function setElement(parentOf: Element, child: Element): void {
  parentOf.children = [...(parentOf.children ?? []).filter(({ id }) => id !== child.id), child];
}

export function withoutPositions(elements: Element[]): Element[] {
  for (const { children } of [{ children: elements }, ...elements])
    if (children) {
      const kept = children.filter(({ id }) => id !== ID.seekHead && id !== ID.cues);
      children.splice(0, children.length, ...kept);
    }
  return elements;
}

export const uint = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.round(value))));
  return bytes;
};

export const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};
