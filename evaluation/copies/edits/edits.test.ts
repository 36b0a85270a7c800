import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { madeBy } from "@twinframe/gpu-backend/testing/clips";
import { beforeAll, describe, expect, it } from "vitest";
import type { Clip } from "../clips.ts";
import { drawQuery, type QueryBody, soundTakenQuery } from "../draw.ts";
import { findFont } from "../font.ts";
import { Random } from "../random.ts";
import { fileClip, greyClip, halfClip, rampAt, rampClip } from "../test-clips.ts";
import { EDITS } from "./all.ts";

const run = promisify(execFile);

let ramp: Clip;
let distractors: Clip[];
let font: string | null;
beforeAll(async () => {
  [ramp, font] = [await rampClip({ referenceId: "R200001" }), await findFont()];
  // Brighter than the ramp ever is; one with sound, and one too short to last as long as a copy.
  distractors = [
    await greyClip(220, 5),
    await greyClip(230, 6),
    await greyClip(240, 2),
    { ...(await rampClip()), group: "sound", durationS: 1.5 },
  ];
}, 60_000);

const draw = (source: Clip, names: string[], seed = 1, hosts = distractors, withFont = font) =>
  drawQuery(
    { source, distractors: hosts, references: [], random: new Random(seed, names.join("+")), font: withFont },
    () => names,
  );

const made = ({ ffmpeg, extension }: QueryBody) => madeBy(extension, ffmpeg ?? []);

async function streamsOf(file: string): Promise<Record<string, Record<string, string | number>>> {
  const { stdout } = await run("ffprobe", ["-v", "error", "-show_streams", "-of", "json", file]);
  const streams: Record<string, string | number>[] = JSON.parse(stdout).streams;
  return Object.fromEntries(streams.map((stream) => [stream.codec_type, stream]));
}

/** Mean brightness of a part of the picture (all of it when absent), frame by frame at 25 a second. */
async function brightness(file: string, crop = "iw:ih:0:0"): Promise<number[]> {
  const filter = `fps=25:start_time=0,crop=${crop},scale=1:1:flags=area,format=gray`;
  const args = ["-nostdin", "-v", "error", "-i", file, "-vf", filter, "-f", "rawvideo", "-"];
  // "gray" is full range, the ramp is in video's own.
  return [...(await run("ffmpeg", args, { encoding: "buffer" })).stdout].map((v) => 16 + (v * 219) / 255);
}

describe("edits", () => {
  it.each(Object.keys(EDITS))("%s gives a video as long as its labels say", async (name) => {
    const query = draw(ramp, [name]);
    expect(query.edits.map((edit) => edit.name)).toEqual([name]);
    const { video, audio } = await streamsOf(await made(query));
    expect(video?.codec_name).toBe("h264");
    expect(Number(video?.duration)).toBeCloseTo(query.durationS, 1);
    expect(Math.abs(Number(audio?.duration) - query.durationS)).toBeLessThan(0.12);
    expect([Number(video?.width) % 2, Number(video?.height) % 2]).toEqual([0, 0]);
    expect(video?.sample_aspect_ratio ?? "1:1").toBe("1:1");
  });

  it.each([
    "excerpt+speed+insertion",
    "speed+compilation",
    "compilation+speed+tiny",
    "excerpt+mirror+speed",
    "black_flashes+speed+insertion",
  ])("%s keeps the labels on the frame", async (chain) => {
    const names = chain.split("+");
    const query = draw(ramp, names, 5, distractors.slice(0, 2));
    const file = await made(query);
    const own = query.segments.filter(({ clip }) => clip.referenceId !== null);
    expect(own).toHaveLength(1);
    const { queryStartS = 0, queryEndS = 0, clipStartS = 0, clipEndS = 0 } = own[0] ?? {};
    const { video } = await streamsOf(file);
    // The copy keeps its shape between bars: only the middle is sure to show it.
    const side = 2 * Math.floor(Number(video?.height) / 5);
    const seen = await brightness(file, `${side}:${side}`);
    let compared = 0;
    for (let s = queryStartS + 0.2; s < queryEndS - 0.2; s += 0.1) {
      const clipS = clipStartS + ((s - queryStartS) * (clipEndS - clipStartS)) / (queryEndS - queryStartS);
      const found = seen[Math.floor(s * 25)] ?? 0;
      if (found < 25 && names.includes("black_flashes")) continue;
      // 30 steps of brightness a second: within a sixth of a second.
      expect(Math.abs(found - rampAt(clipS)), `at ${s.toFixed(2)} s`).toBeLessThan(5);
      compared++;
    }
    expect(compared).toBeGreaterThan(5);
    const outside = seen.filter((_, i) => i / 25 < queryStartS - 0.1 || i / 25 > queryEndS + 0.1);
    for (const value of outside) expect(value).toBeGreaterThan(200);
  });

  it("draws captions as bars where there is no font", async () => {
    const query = draw(await halfClip(), ["captions"], 1, distractors, null);
    expect(query.edits[0]?.parameters.as).toBe("bars");
    const right = await brightness(await made(query), "iw/4:ih:iw/2:0");
    expect(right[10]).toBeGreaterThan(20);
  });

  it("mirrors pixels, and labels the copy as mirrored", async () => {
    const half = await halfClip();
    const query = draw(half, ["mirror"]);
    const file = await made(query);
    expect((await brightness(file, "iw/4:ih:0:0"))[10]).toBeLessThan(40);
    expect((await brightness(file, "iw/4:ih:iw*3/4:0"))[10]).toBeGreaterThan(200);
    expect(query.segments[0]?.mirrored).toBe(true);
  });

  it("puts a silent clip among clips with sound, and a short host beside a long copy", async () => {
    const half = { ...(await halfClip()), referenceId: "R200002" };
    const short = distractors.slice(2);
    for (const names of [["side_by_side", "speed"], ["picture_in_picture"]]) {
      const query = draw(half, names, 2, short);
      const { video } = await streamsOf(await made(query));
      expect(Number(video?.duration)).toBeCloseTo(query.durationS, 1);
    }
    const sounding = [{ ...ramp, referenceId: null }, await greyClip(220, 5)];
    const { video, audio } = await streamsOf(await made(draw(half, ["compilation"], 2, sounding)));
    expect(Number(audio?.duration)).toBeCloseTo(Number(video?.duration), 1);
  });

  it("swaps the sound of what was joined before", async () => {
    const query = draw(ramp, ["insertion", "sound_swapped"]);
    expect(query.edits).toHaveLength(2);
    const { audio } = await streamsOf(await made(query));
    expect(Math.abs(Number(audio?.duration) - query.durationS)).toBeLessThan(0.12);
  });

  it("puts a reference's sound under another picture", async () => {
    const query = soundTakenQuery(distractors[1] as Clip, ramp);
    const file = await made(query);
    expect(query.segments.filter(({ clip }) => clip.referenceId).map(({ modality }) => modality)).toEqual([
      "sound",
    ]);
    const { audio } = await streamsOf(file);
    expect(Math.abs(Number(audio?.duration) - 4)).toBeLessThan(0.12);
    expect((await brightness(file))[20]).toBeGreaterThan(220);
  });

  it("reads a rotated clip upright", async () => {
    const copied = ["-i", ramp.file, "-c", "copy"];
    // ffmpeg 6 and later have an option of their own; before, it is a tag.
    const turned = await madeBy("mp4", ["-display_rotation", "90", ...copied]).catch(() =>
      madeBy("mp4", [...copied, "-metadata:s:v:0", "rotate=90"]),
    );
    expect(await fileClip(turned)).toMatchObject({ width: 120, height: 160 });
  });
});
