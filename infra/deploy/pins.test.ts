// Unpinned images and packages are found, and there are none.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { unpinnedImages, unpinnedInDockerfile } from "./check/pins.ts";

const root = resolve(import.meta.dirname, "../..");
const all = (folder: string, ending: string) =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith(ending) ? [join(folder, name)] : []));
const DOCKERFILES = all("infra/docker", ".Dockerfile");
const read = (file: string) => readFileSync(join(root, file), "utf8");

test.each(DOCKERFILES)("every image and package of %s has a version", (file) => {
  expect(unpinnedInDockerfile(read(file))).toEqual([]);
  expect(read(file)).toMatch(/"ffmpeg=\$\{FFMPEG_VERSION\}" "bubblewrap=\$\{BUBBLEWRAP_VERSION\}"/);
});

test.each([
  "docker-compose.yml",
  "infra/qdrant/docker-compose.yml",
  ...all("infra/deploy/kubernetes", ".yaml"),
])("the images of %s have versions", (file) => expect(unpinnedImages(read(file))).toEqual([]));

const of = (name: string) => ["$", "{", name, "}"].join("");

test("images and packages without a version are reported", () => {
  expect(
    unpinnedInDockerfile(`ARG BASE=node
ARG GOOD=node:24.21.0
ARG OF_FFMPEG
FROM ${of("BASE")} AS one
FROM node:latest
FROM --platform=linux/amd64 debian:bookworm-slim AS two
FROM one
FROM ${of("GOOD")}
FROM node@sha256:${"a".repeat(64)}
RUN apt-get update && apt-get install -y \\
    ffmpeg "curl=${of("OF_FFMPEG")}" bubblewrap=0.8.0 && true`),
  ).toEqual([
    `FROM ${of("BASE")} has no version`,
    "FROM node:latest has no version",
    "FROM debian:bookworm-slim has no version",
    "the package ffmpeg has no version",
    "the package curl= has no version",
  ]);
  expect(
    unpinnedImages(`image: haproxy\n  image: ${of("X:-qdrant/qdrant:latest")}\n image: a/b:1.2`),
  ).toHaveLength(2);
});

test("images require the media sandbox, and Compose and manifests allow it", () => {
  for (const file of DOCKERFILES) expect(read(file)).toContain("TWINFRAME_MEDIA_SANDBOX=required");
  for (const file of ["backend.yaml", "backend-gpu.yaml"]) {
    const manifest = read(`infra/deploy/kubernetes/${file}`);
    expect(manifest).toContain("{ name: TWINFRAME_MEDIA_SANDBOX, value: required }");
    expect(manifest).toContain("localhostProfile: twinframe/seccomp.json");
  }
  expect(read("docker-compose.yml").match(/seccomp:infra\/docker\/seccomp\.json/g)).toHaveLength(2);
});
