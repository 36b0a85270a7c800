import { describe, expect, it } from "vitest";
import { lookOfNonVideo, SNIFF_BYTES } from "./sniff.ts";

/** Latin-1 text as bytes, then `size` zeroes in all. */
const file = (start: string, size = SNIFF_BYTES) => {
  const bytes = new Uint8Array(Math.max(size, start.length));
  for (let i = 0; i < start.length; i++) bytes[i] = start.charCodeAt(i);
  return bytes;
};

const packets = (first: number, size: number) => {
  const bytes = new Uint8Array(SNIFF_BYTES);
  for (let at = first; at < bytes.length; at += size) bytes[at] = 0x47;
  return bytes;
};

describe("videos", () => {
  it.each([
    ["mp4", file("\0\0\0\x18ftypmp42")],
    ["mov, bare moov", file("\0\0\x10\0moov")],
    ["mov, bare mdat", file("\0\0\x10\0mdat")],
    ["mov, free", file("\0\0\0\x08free")],
    ["mov, skip", file("\0\0\0\x08skip")],
    ["mov, wide", file("\0\0\0\x08wide")],
    ["mkv", file("\x1a\x45\xdf\xa3")],
    ["avi", file("RIFF....AVI LIST")],
    ["flv", file("FLV\x01\x05")],
    ["ts", packets(0, 188)],
    ["ts of one packet", packets(0, 188).subarray(0, 188)],
    ["m2ts", packets(4, 192)],
    ["mpeg-ps", file("\0\0\x01\xba")],
    ["ogg", file("OggS\0")],
    ["asf", file("\x30\x26\xb2\x75\x8e\x66\xcf\x11")],
    ["a very short mp4", file("\0\0\0\x18ftypmp42", 12)],
  ])("%s", (_, bytes) => expect(lookOfNonVideo(bytes)).toBeNull());
});

describe("other files", () => {
  it.each([
    ["an HTML page", file("\n <!DOCTYPE html><html>")],
    ["an HTML page", file("\u00ef\u00bb\u00bf<html>")],
    ["an image", file("\xff\xd8\xff\xe0")],
    ["an image", file("\x89PNG\r\n")],
    ["an image", file("GIF89a")],
    ["an image", file("RIFF....WEBPVP8 ")],
    ["an image", file("\0\0\0\x18ftypavif")],
    ["an image", file("\0\0\0\x18ftypheic")],
    ["a playlist", file("#EXTM3U\n#EXT-X-VERSION:3")],
    ["a playlist", file("ffconcat version 1.0\nfile /etc/passwd")],
    ["a streaming manifest", file('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash">')],
    ["an archive", file("PK\x03\x04")],
    ["an archive", file("\x1f\x8b\x08")],
    ["an archive", file(`${"x".repeat(257)}ustar`)],
    ["an audio file", file("RIFF....WAVEfmt ")],
    ["an audio file", file("ID3\x04")],
    ["a PDF document", file("%PDF-1.7")],
    ["JSON", file('{"error": 1}')],
    ["XML", file("<?xml version='1.0'?><Error/>")],
    ["plain text", file("hello there", 11)],
    ["something else", file("\x01\x02\x03\x04")],
    ["something else", file("G\0\0\0")],
  ])("%s", (look, bytes) => expect(lookOfNonVideo(bytes)).toBe(look));
});
