// The worker's side of WorkerPort: a table of operations, run one after the other in the order asked.

import { type MessagePort, parentPort } from "node:worker_threads";
import type { WorkerReply, WorkerRequest } from "./worker-port.ts";

export interface OperationResult {
  output: unknown;
  transfer?: ArrayBuffer[];
}
export type Operations = Record<string, (input: never) => OperationResult | Promise<OperationResult>>;

async function run(operations: Operations, request: WorkerRequest, port: MessagePort): Promise<void> {
  try {
    const operation = operations[request.operation];
    if (!operation) throw new Error(`the worker has no operation ${request.operation}`);
    const { output, transfer } = await operation(request.input as never);
    port.postMessage({ id: request.id, ok: true, output } satisfies WorkerReply, transfer ?? []);
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
    const reply: WorkerReply = {
      id: request.id,
      ok: false,
      error: { name: error.name, message: error.message, ...code },
    };
    port.postMessage(reply);
  }
}

export function serveOperations(operations: Operations): void {
  const port = parentPort;
  if (!port) throw new Error("this module runs in a worker thread only");
  let previous: Promise<void> = Promise.resolve();
  port.on("message", (request: WorkerRequest) => {
    previous = previous.then(() => run(operations, request, port));
  });
}
