// Work that is started or attached to, answered with NDJSON.

import { PassThrough } from "node:stream";
import type { FastifyReply } from "fastify";
import type { Listener, TaskEvent } from "../work/task-registry.ts";

/** The edge takes a silent minute for a dead backend; a line goes out far more often. */
const HEARTBEAT_MS = 10_000;

/** `attach` starts or joins and returns how to stop listening; what it throws leaves as a problem. */
export function sendEvents<Result>(
  reply: FastifyReply,
  attach: (listener: Listener<Result>) => () => void,
): FastifyReply {
  const lines = new PassThrough();
  let latest: TaskEvent<Result> | undefined;
  const send = (event: TaskEvent<Result>) => {
    latest = event;
    if (event.event !== "handed_back") lines.write(`${JSON.stringify(event)}\n`);
    if (event.event !== "progress") lines.end();
  };
  const leave = attach(send);
  const heartbeat = setInterval(() => {
    if (latest?.event === "progress") send(latest);
  }, HEARTBEAT_MS);
  lines.on("close", () => {
    clearInterval(heartbeat);
    leave();
  });
  // A client that went away must not keep the stream's buffer growing.
  reply.raw.on("close", () => lines.destroy());
  return reply.header("content-type", "application/x-ndjson").send(lines);
}
