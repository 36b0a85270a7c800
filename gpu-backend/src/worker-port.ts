// Calls into a worker thread: numbered requests over postMessage, one promise each. Used by everything that
// computes for long or synchronously (inference, index, alignment), so that the event loop stays free.

import { Worker } from "node:worker_threads";

export interface WorkerRequest {
  id: number;
  operation: string;
  input: unknown;
}
export type WorkerReply =
  | { id: number; ok: true; output: unknown }
  | { id: number; ok: false; error: { name: string; message: string; code?: string } };

export class WorkerPort {
  readonly #worker: Worker;
  readonly #pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #nextId = 1;
  #dead: Error | null = null;

  constructor(module: URL, workerData: unknown) {
    this.#worker = new Worker(module, { workerData });
    this.#worker.on("message", (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", (code) => this.#die(new Error(`the worker ended with code ${code}`)));
  }

  /** Runs one operation in the worker; rejects with the worker's error, or when the worker is gone. */
  call(operation: string, input: unknown, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, operation, input } satisfies WorkerRequest, transfer);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: WorkerReply): void {
    const waiting = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (!waiting) return;
    if (reply.ok) waiting.resolve(reply.output);
    else waiting.reject(Object.assign(new Error(reply.error.message), reply.error));
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
  }
}
