// Packets and pages of formats that are streamed: MPEG-TS, MPEG-PS, Ogg.

import { between } from "../../../files/random-choice.ts";
import type { Change, Material } from "./bytes.ts";
import { disordered, inDisorder, pieces } from "./lies.ts";

function tsPackets({ bytes }: Material): Buffer[] {
  return Array.from({ length: Math.floor(bytes.length / 188) }, (_, i) =>
    Buffer.from(bytes.subarray(188 * i, 188 * i + 188)),
  );
}

export const tsChanges: Record<string, Change> = {
  "packets in disorder": (material) => Buffer.concat(disordered(tsPackets(material), material.random)),
  "packets missing": (material) => {
    const packets = tsPackets(material);
    const from = Math.floor(material.random() * packets.length);
    packets.splice(from, Math.ceil(packets.length * material.random() ** 2 * 0.5));
    return Buffer.concat(packets);
  },
  "headers of packets": (material) => {
    const packets = tsPackets(material);
    const share = material.random() ** 2;
    const byte = between(material.random, 0, 5);
    for (const packet of packets)
      if (material.random() < share) packet[byte] = between(material.random, 0, 255);
    return Buffer.concat(packets);
  },
  "times of pictures": (material) => {
    const packets = tsPackets(material);
    for (const packet of packets) {
      const at = packet.indexOf(Buffer.from([0, 0, 1, 0xe0]));
      if (at >= 0 && at + 14 <= 188 && material.random() < 0.2)
        packet[at + 9 + between(material.random, 0, 4)]! ^= 1 << between(material.random, 1, 7);
    }
    return Buffer.concat(packets);
  },
};

export const mpgChanges: Record<string, Change> = {
  "packs in disorder": inDisorder(Buffer.from([0, 0, 1, 0xba])),
  "packets in disorder": inDisorder(Buffer.from([0, 0, 1, 0xe0])),
};

export const oggChanges: Record<string, Change> = {
  "pages in disorder": inDisorder(Buffer.from("OggS")),
  "fields of pages": ({ bytes, random }) =>
    Buffer.concat(
      pieces(bytes, Buffer.from("OggS")).map((page) => {
        const out = Buffer.from(page);
        if (random() < 0.2) out[between(random, 4, 22)] = between(random, 0, 255);
        return out;
      }),
    ),
};
