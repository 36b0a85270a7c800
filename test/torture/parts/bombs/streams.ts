// Files with more of everything than a player looks at: streams, chapters, subtitles, attachments, tags.

import { writeFileSync } from "node:fs";
import { type Bomb, madeInSteps } from "./bomb.ts";

const X264 = "-c:v libx264 -preset ultrafast -threads 1";
const VIDEO = `-f lavfi -i testsrc=size=64x64:rate=25:duration=2`;
const SOUND = "-f lavfi -i sine=duration=2";

const many = (name: string, streams: number, into: string) =>
  madeInSteps("many streams", name, async (draft, before, ffmpeg) => {
    await ffmpeg(`${VIDEO} ${SOUND} ${X264} -c:a pcm_s16le -ar 8000 -f matroska ${before}`);
    const maps = Array.from({ length: streams }, () => "-map 0:a").join(" ");
    await ffmpeg(`-i ${before} -map 0:v ${maps} -c copy ${into} ${draft}`);
  });
const manyVideos = (name: string, streams: number, into: string) =>
  madeInSteps("many streams", name, async (draft, before, ffmpeg) => {
    await ffmpeg(`${VIDEO} ${X264} -f matroska ${before}`);
    await ffmpeg(
      `-i ${before} ${Array.from({ length: streams }, () => "-map 0:v").join(" ")} -c copy ${into} ${draft}`,
    );
  });

const metadata = (chapters: number, tags: number, length: number) => {
  const text = "x".repeat(length);
  const tagLines = Array.from({ length: tags }, (_, i) => `tag${i}=${text}`);
  const chapterLines = Array.from(
    { length: chapters },
    (_, i) => `[CHAPTER]\nTIMEBASE=1/100000\nSTART=${i}\nEND=${i + 1}\ntitle=${text}`,
  );
  return [";FFMETADATA1", ...tagLines, ...chapterLines, ""].join("\n");
};
const told = (kind: string, name: string, text: string, into: string) =>
  madeInSteps(kind, name, async (draft, before, ffmpeg) => {
    writeFileSync(before, text);
    await ffmpeg(`${VIDEO} -f ffmetadata -i ${before} -map_metadata 1 ${X264} ${into} ${draft}`);
  });

const subtitles = (lines: number, length: number) =>
  Array.from(
    { length: lines },
    (_, i) =>
      `${i + 1}\n00:00:00,${String(i % 900).padStart(3, "0")} --> 00:00:01,000\n${"y".repeat(length)}\n`,
  ).join("\n");

export const STREAMS: readonly Bomb[] = [
  many("streams-90.mkv", 90, "-f matroska"),
  many("streams-990.mkv", 990, "-f matroska"),
  many("streams-990.mov", 990, "-f mov"),
  manyVideos("videos-200.mkv", 200, "-f matroska"),
  manyVideos("videos-95.mp4", 95, "-f mp4"),
  told("chapters", "chapters.mkv", metadata(20_000, 0, 40), "-f matroska"),
  told("chapters", "chapters.mp4", metadata(20_000, 0, 40), "-f mp4"),
  told("tags", "tags.mkv", metadata(0, 50_000, 40), "-f matroska"),
  told("tags", "long-tag.mp4", metadata(0, 1, 8_000_000), "-f mp4 -movflags use_metadata_tags"),
  madeInSteps("subtitles", "subtitles.mkv", async (draft, before, ffmpeg) => {
    writeFileSync(before, subtitles(50_000, 60));
    await ffmpeg(`${VIDEO} -f srt -i ${before} -map 0 -map 1 ${X264} -c:s srt -f matroska ${draft}`);
  }),
  madeInSteps("attachments", "attachments.mkv", async (draft, before, ffmpeg) => {
    writeFileSync(before, Buffer.alloc(200_000));
    const attached = Array.from(
      { length: 90 },
      (_, i) => `-attach ${before} -metadata:s:${i + 1} mimetype=font/ttf`,
    );
    await ffmpeg(`${VIDEO} ${X264} ${attached.join(" ")} -f matroska ${draft}`);
  }),
];
