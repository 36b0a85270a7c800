// What a file is, from its first bytes.

import { ProblemError } from "@twinframe/shared/problem";

/** As many first bytes as the checks below look at: three packets of an m2ts file, a tar header. */
export const SNIFF_BYTES = 1024;

type Recognise = (head: Uint8Array) => boolean;

const ascii = (head: Uint8Array, start: number, end: number) =>
  String.fromCharCode(...head.subarray(start, end));
const at = (offset: number, text: string): Recognise => {
  return (head) => ascii(head, offset, offset + text.length) === text;
};
const hex = (digits: string): Recognise => {
  const bytes = digits.split(" ").map((pair) => Number.parseInt(pair, 16));
  return (head) => bytes.every((byte, i) => head[i] === byte);
};
const all =
  (...checks: Recognise[]): Recognise =>
  (head) =>
    checks.every((check) => check(head));

/** The sync byte at the start of each packet; a file of fewer packets is checked as far as it goes. */
const packets =
  (first: number, size: number): Recognise =>
  (head) => {
    if (head.length < first + 188) return false;
    for (let i = first; i < Math.min(head.length, first + 4 * size); i += size) {
      if (head[i] !== 0x47) return false;
    }
    return true;
  };

const IMAGE_BRANDS = ["avif", "heic", "heix", "heim", "heis", "mif1", "jp2 ", "jpx "];
const ATOMS = ["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot"];
const isoImage: Recognise = (head) => at(4, "ftyp")(head) && IMAGE_BRANDS.includes(ascii(head, 8, 12));

const text = (head: Uint8Array) =>
  ascii(head, 0, SNIFF_BYTES)
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .trimStart()
    .toLowerCase();
const startsWith =
  (...starts: string[]): Recognise =>
  (head) =>
    starts.some((start) => text(head).startsWith(start));

const VIDEO: readonly Recognise[] = [
  (head) => ATOMS.includes(ascii(head, 4, 8)) && !isoImage(head),
  hex("1a 45 df a3"), // Matroska, WebM
  all(at(0, "RIFF"), at(8, "AVI ")),
  hex("46 4c 56 01"), // FLV
  packets(0, 188), // MPEG-TS
  packets(4, 192), // m2ts
  hex("00 00 01 ba"), // MPEG-PS
  at(0, "OggS"),
  hex("30 26 b2 75 8e 66 cf 11"), // ASF, WMV
];

const OTHERS: readonly (readonly [string, Recognise])[] = [
  ["a playlist", startsWith("#extm3u", "[playlist]", "ffconcat")],
  [
    "a streaming manifest",
    (head) => text(head).includes("<mpd") || text(head).includes("<smoothstreamingmedia"),
  ],
  ["an HTML page", (head) => /<!doctype html|<html|<head|<body|<script/.test(text(head))],
  ["XML", startsWith("<?xml")],
  ["JSON", startsWith("{", "[")],
  ["an image", isoImage],
  ["an image", hex("ff d8 ff")],
  ["an image", hex("89 50 4e 47")],
  ["an image", at(0, "GIF8")],
  ["an image", at(0, "BM")],
  ["an image", all(at(0, "RIFF"), at(8, "WEBP"))],
  ["an image", hex("49 49 2a 00")],
  ["an image", hex("4d 4d 00 2a")],
  ["an audio file", all(at(0, "RIFF"), at(8, "WAVE"))],
  ["an audio file", at(0, "ID3")],
  ["an audio file", at(0, "fLaC")],
  ["an audio file", (head) => head[0] === 0xff && (head[1]! & 0xe0) === 0xe0],
  ["an archive", at(0, "PK")],
  ["an archive", hex("1f 8b")],
  ["an archive", hex("37 7a bc af 27 1c")],
  ["an archive", at(0, "Rar!")],
  ["an archive", hex("fd 37 7a 58 5a")],
  ["an archive", at(0, "BZh")],
  ["an archive", at(257, "ustar")],
  ["a PDF document", at(0, "%PDF")],
  ["plain text", (head) => head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))],
];

/** What the bytes look like when they are no video; null when they are one. */
export function lookOfNonVideo(head: Uint8Array): string | null {
  if (VIDEO.some((recognise) => recognise(head))) return null;
  return OTHERS.find(([, recognise]) => recognise(head))?.[0] ?? "something else";
}

export function refuseNonVideo(head: Uint8Array): void {
  if (head.length === 0) {
    throw new ProblemError("empty_video", "The video has no bytes; check the file and send it again.");
  }
  const look = lookOfNonVideo(head);
  if (look === null) return;
  throw new ProblemError(
    "not_a_video",
    `This looks like ${look}, not a video. Send a video file (MP4, MOV, MKV, WebM, AVI, FLV, MPEG-TS, ` +
      "MPEG-PS, Ogg or WMV), or the direct link to one.",
  );
}
