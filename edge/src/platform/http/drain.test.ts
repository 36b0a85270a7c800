import { expect, it } from "vitest";
import { drain, drainBody } from "./drain.ts";

/** A sender of `chunks` chunks of a mebibyte, or of silence after them. */
function sender(chunks: number, silent = false) {
  const heard = { read: 0, cancelled: null as unknown };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (heard.read < chunks) controller.enqueue(new Uint8Array(1024 * 1024).fill(heard.read++));
        else if (!silent) controller.close();
        else return new Promise(() => {});
      },
      cancel(reason) {
        heard.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, heard };
}

it("reads a short rest to its end", async () => {
  const { body, heard } = sender(3);
  await drainBody(body, "refused");
  expect(heard).toEqual({ read: 3, cancelled: null });
});

it("lets go of a long rest", async () => {
  const { body, heard } = sender(1000);
  await drainBody(body, "refused");
  expect(heard).toEqual({ read: 8, cancelled: "refused" });
});

it("reads on as far as it is told", async () => {
  const { body, heard } = sender(20);
  await drainBody(body, "refused", { maxBytes: 100 * 1024 * 1024, timeoutMs: 60_000, idleTimeoutMs: 60_000 });
  expect(heard).toEqual({ read: 20, cancelled: null });
});

it("does not wait for a sender that is silent", async () => {
  const { body, heard } = sender(1, true);
  await drain(body.getReader(), "refused");
  expect(heard).toEqual({ read: 1, cancelled: "refused" });
});

it("leaves a body alone that somebody else reads", async () => {
  const { body, heard } = sender(3);
  body.getReader();
  await drainBody(body, "refused");
  await drainBody(null, "refused");
  expect(heard).toEqual({ read: 0, cancelled: null });
});
