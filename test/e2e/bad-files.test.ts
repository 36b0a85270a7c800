// Files that are no videos, or broken ones: each gets its own problem and no verdict.

import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { clip, cutFile, fileOf, madeBy, remuxed, scratchFolder } from "@twinframe/gpu-backend/testing/clips";
import { movNamingAnotherFile } from "@twinframe/gpu-backend/testing/media-external-reference";
import type { ProblemCode } from "@twinframe/shared/problem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectProblem, query } from "./api.ts";
import { scene } from "./clips.ts";
import { api, fileUrl, upstreamUrl } from "./running.ts";

const library = "bad-files";
const bait = (name: string) => upstreamUrl(`/bait/${name}`);
let scratch: Awaited<ReturnType<typeof scratchFolder>>;

beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch[Symbol.asyncDispose]());

const written = (name: string, content: string | Uint8Array) => fileOf(scratch.path, name, content);
const sound = ["-f", "lavfi", "-i", "sine=d=2"];

const playlist = () => `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${bait("hls.ts")}\n#EXT-X-ENDLIST\n`;
const manifest = () =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${bait("dash.mp4")}</BaseURL></MPD>`;

const header = async () => {
  const file = await remuxed(await scene("valley"), "mp4", ["-movflags", "empty_moov+frag_keyframe"]);
  const bytes = await readFile(file);
  return bytes.subarray(0, bytes.indexOf("moof") - 4);
};
const faststart = async () => remuxed(await scene("valley"), "mp4", ["-movflags", "+faststart"]);
/** Passes for Matroska at the first look. */
const noise = () => {
  const bytes = Buffer.alloc(50_000);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * i * 31 + i * 7) >> 3;
  bytes.write("1a45dfa3", "hex");
  return bytes;
};

type Row = [what: string, code: ProblemCode, says: RegExp, make: () => Promise<string>];
const rows: Row[] = [
  ["a text", "not_a_video", /plain text/, () => written("a.txt", "This is no video.\n".repeat(99))],
  ["a web page", "not_a_video", /HTML/, () => written("b.html", "<!doctype html><html>Log in</html>")],
  ["a picture", "not_a_video", /image/, () => clip({ extension: "png", encode: ["-frames:v", "1"] })],
  ["an HLS playlist", "not_a_video", /playlist/, () => written("c.mp4", playlist())],
  ["a DASH manifest", "not_a_video", /manifest/, () => written("d.mp4", manifest())],
  [
    "a concat script",
    "not_a_video",
    /playlist/,
    () => written("e.mp4", `ffconcat version 1.0\nfile '${bait("x.ts")}'\n`),
  ],
  ["no bytes", "empty_video", /no bytes/, () => written("f.mp4", "")],
  ["noise", "unreadable_video", /damaged|format/, () => written("g.mkv", noise())],
  [
    "an MP4 cut in the middle",
    "truncated_video",
    /whole file/,
    async () => cutFile(await faststart(), 0.5, scratch.path),
  ],
  [
    "an MP4 without its index",
    "truncated_video",
    /whole file/,
    async () => cutFile(await scene("valley"), 0.7, scratch.path),
  ],
  ["sound alone", "no_video_stream", /only sound/, () => madeBy("m4a", sound)],
  ["MP3 in MP4", "no_video_stream", /only sound/, () => madeBy("mp4", [...sound, "-c:a", "libmp3lame"])],
  [
    "a header without a frame",
    "zero_duration",
    /no frames|duration/,
    async () => written("h.mp4", await header()),
  ],
  [
    "a movie whose pictures lie in another file",
    "zero_duration",
    /no frames/,
    async () => (await movNamingAnotherFile(scratch.path)).file,
  ],
];

describe.each(rows)("%s", (_, code, says, make) => {
  test("as bytes is no verdict", async () => {
    const bytes = await openAsBlob(await make());
    expectProblem(await api.ask("POST", `/v1/checks${query({ library })}`, { bytes }), code, says);
  });

  test("by URL is no verdict", async () => {
    const json = { url: fileUrl(await make()), library, index: "if_unique", reference_id: "bad" };
    expectProblem(await api.ask("POST", "/v1/checks", { json }), code, says);
    const read = await api.ask("GET", `/v1/references/bad?library=${library}`);
    expectProblem(read, "reference_not_found", /"bad"/);
  });

  test("is no reference", async () => {
    const bytes = await openAsBlob(await make());
    const path = `/v1/references${query({ library, id: "bad" })}`;
    expectProblem(await api.ask("POST", path, { bytes }), code, says);
    const read = await api.ask("GET", `/v1/references/bad?library=${library}`);
    expectProblem(read, "reference_not_found", /"bad"/);
  });
});

test("nothing that a playlist names was fetched", async () => {
  const seen = (await (await fetch(upstreamUrl("/seen"))).json()) as string[];
  expect(seen.filter((path) => path.startsWith("/file/")).length).toBeGreaterThanOrEqual(rows.length);
  expect(seen.filter((path) => path.startsWith("/bait/"))).toEqual([]);
});

test("after all of them a good video is served", async () => {
  await api.addReference(await scene("valley"), { id: "bad", library });
  expect(await api.check(await scene("valley"), { library })).toMatchObject({ duplicate_for: "bad" });
});
