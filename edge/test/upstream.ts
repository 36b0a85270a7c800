// Addresses that videos are fetched from, good and bad ones, as a real HTTP server.

import { createServer, type Server, type ServerResponse } from "node:http";
import { videoBytes } from "./video-bytes.ts";

const STEP = 64 * 1024;

async function writeSlowly(response: ServerResponse, bytes: Uint8Array) {
  for (let at = 0; at < bytes.length && !response.destroyed; at += STEP) {
    if (!response.write(bytes.subarray(at, at + STEP)))
      await new Promise((drain) => response.once("drain", drain));
  }
}

async function answer(url: URL, response: ServerResponse): Promise<unknown> {
  const [, kind, first = "", second = ""] = url.pathname.split("/");
  const video = () => videoBytes(Number(first), second.replace(/\..*/, ""));
  switch (kind) {
    case "known":
      return response.setHeader("content-length", video().length).end(video());
    case "chunked":
      await writeSlowly(response, video());
      return response.end();
    case "status":
      return response.writeHead(Number(first)).end("SECRET of the upstream");
    case "redirect": {
      const left = Number(first);
      const next = left === 0 ? `/known/5000/${second}.mp4` : `/redirect/${left - 1}/${second}`;
      return response.writeHead(302, { location: next }).end();
    }
    case "redirect-to":
      return response.writeHead(307, { location: url.searchParams.get("location")! }).end();
    case "html":
      return response.setHeader("content-type", "video/mp4").end("<!doctype html><title>SECRET</title>");
    case "empty":
      return response.end();
    case "hang-headers":
      return;
    case "hang-body":
      return response.writeHead(200, { "content-length": 100_000 }).write(videoBytes(5000, "hang"));
    case "drip": {
      response.writeHead(200).write(videoBytes(5000, "drip"));
      const timer = setInterval(() => response.write("x"), 50);
      return response.on("close", () => clearInterval(timer));
    }
    case "reset":
      response.writeHead(200, { "content-length": 100_000 }).write(videoBytes(5000, "reset"));
      return setTimeout(() => response.socket?.resetAndDestroy(), 20);
    case "short":
      response.writeHead(200, { "content-length": 100_000 }).write(videoBytes(5000, "short"));
      return setTimeout(() => response.socket?.end(), 20);
    default:
      return response.writeHead(404).end();
  }
}

export const createUpstream = (): Server =>
  createServer((request, response) => {
    answer(new URL(request.url!, "http://upstream"), response).catch(() => response.destroy());
  });
