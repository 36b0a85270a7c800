// The fake backend's answers to questions; the words of a library's name count here as they do there. Every bucket
// has the objects known/SIZE/SEED.mp4 and html.

import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import {
  type Answer,
  type DescriptorSlice,
  type FrameDescriptor,
  type Question,
  type QuestionRequest,
  type QuestionSubject,
  questionRequestSchema,
} from "@twinframe/shared/contract";
import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { videoBytes } from "./video-bytes.ts";

const FAKE_FRAMES = 120;
const MODEL = { id: "fake", version: "1" };

const frame = (at: number): FrameDescriptor => ({
  start_s: at / 2,
  end_s: (at + 1) / 2,
  vector: [0.6, -0.8],
});

export const fakeSlice = (offset: number, limit: number): DescriptorSlice => ({
  model: MODEL,
  dims: 2,
  total: FAKE_FRAMES,
  offset,
  frames: Array.from({ length: Math.max(0, Math.min(limit, FAKE_FRAMES - offset)) }, (_, i) =>
    frame(offset + i),
  ),
});

const libraryOf = (subject: QuestionSubject) => (subject.kind === "reference" ? subject.library : "");

/** The library whose words say how to answer. */
function libraryAsked(question: Question): string {
  if (question.kind === "search") return question.library;
  return question.kind === "comparison" ? libraryOf(question.a) : "";
}

function objectBytes(key: string): Uint8Array {
  const [kind, size, name = ""] = key.split("/");
  if (kind === "known") return videoBytes(Number(size), name.replace(/\..*/, ""));
  if (kind === "html") return new TextEncoder().encode("<!doctype html><title>no video</title>");
  if (kind === "late") throw new ProblemError("source_timeout", "It did not come.");
  throw new ProblemError("source_rejected", "There is no such object.");
}

function fakeAnswer(question: Question, references: string[]): Answer {
  const words = libraryAsked(question).split("-");
  const whole = { start_s: 0, end_s: 10 };
  const segments = [{ query: whole, reference: whole, score: 0.9, speed: 1, mirrored: false }];
  switch (question.kind) {
    case "search": {
      const found = words.includes("similar") ? [...references] : [];
      if (words.includes("ghost")) found.unshift("ghost");
      const visual = { query_coverage: 1, reference_coverage: 0.5, segments };
      return {
        kind: "search",
        found: found
          .slice(0, question.size)
          .map((reference_id, i) => ({ reference_id, score: 0.9 - i / 100, visual })),
      };
    }
    case "comparison": {
      const png_base64 = Buffer.from("\x89PNG of two", "latin1").toString("base64");
      const matrix = { png_base64, width: 8, height: 4, query_s: 10, reference_s: 20, view: "whole" };
      const shown = words.includes("blank") ? null : matrix;
      const durations = { a_duration_s: 10, b_duration_s: 20 };
      return { kind: "comparison", score: 0.9, verdict: "duplicate", segments, ...durations, matrix: shown };
    }
    case "description":
      return { kind: "description", model: MODEL, frames: fakeSlice(0, 12).frames };
    case "digest": {
      const bytes = objectBytes(question.key);
      if (bytes.length > question.max_bytes) throw new ProblemError("video_too_large", "Too large.");
      return {
        kind: "digest",
        sha256: createHash("sha256").update(bytes).digest("hex"),
        bytes: bytes.length,
        head_base64: Buffer.from(bytes.subarray(0, 1024)).toString("base64"),
      };
    }
  }
}

export interface FakeState {
  references(library: string): string[];
  isOpen(library: string): boolean;
  note(id: string, library: string, request: QuestionRequest): void;
}

export async function answerQuestion(
  id: string,
  body: string,
  response: ServerResponse,
  state: FakeState,
): Promise<void> {
  const request = questionRequestSchema.parse(JSON.parse(body));
  const { question } = request;
  const library = libraryAsked(question);
  state.note(id, library, request);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const line = (event: object) => response.write(`${JSON.stringify(event)}\n`);
  line({ event: "progress", stage: "fetch", fraction: 0 });
  if (library.split("-").includes("dies")) return void response.write("\n", () => response.destroy());
  const isGated = library.split("-").includes("gated");
  while (isGated && !state.isOpen(library) && !response.destroyed)
    await new Promise((later) => setTimeout(later, 10));
  try {
    if (library.split("-").includes("broken")) throw new ProblemError("unreadable_video", "Not readable.");
    line({ event: "result", result: fakeAnswer(question, state.references(library)) });
  } catch (error) {
    line({ event: "problem", problem: toProblem(error) });
  }
  response.end();
}
