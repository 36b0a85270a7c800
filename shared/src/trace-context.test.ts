import { describe, expect, it } from "vitest";
import { newSpanId, newTrace, parseTraceparent, traceparentOf } from "./trace-context.ts";
import { loggedError, withoutAddresses } from "./without-addresses.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("traceparent", () => {
  it("is read and written", () => {
    const context = { traceId: TRACE, spanId: SPAN, sampled: true };
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual(context);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)).toEqual({ ...context, sampled: false });
    expect(traceparentOf(context)).toBe(`00-${TRACE}-${SPAN}-01`);
    expect(traceparentOf({ ...context, sampled: false })).toBe(`00-${TRACE}-${SPAN}-00`);
  });

  it("of a later version is read as far as it is known", () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-03-what-the-future-brings`)).toMatchObject({
      traceId: TRACE,
      sampled: true,
    });
  });

  it.each([
    undefined,
    null,
    "",
    "00",
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\nx: y`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-01-${"x".repeat(300)}`,
  ])("refuses %j", (header) => {
    expect(parseTraceparent(header)).toBeNull();
  });

  it("of a new trace is well formed, and kept as often as asked", () => {
    const kept = newTrace(1);
    expect(parseTraceparent(traceparentOf(kept))).toEqual(kept);
    expect(newTrace(0).sampled).toBe(false);
    expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/);
    expect(newTrace(1).traceId).not.toBe(kept.traceId);
  });
});

describe("what goes into a log", () => {
  it("has no address, wherever it stood", () => {
    const texts = [
      "fetch of https://user:s3cret@host/path/s3cret?token=s3cret#s3cret failed",
      'bad "s3://bucket/s3cret/key"',
      "HTTP://HOST/s3cret",
      "redirected: custom+x://s3cret",
    ];
    for (const text of texts) expect(withoutAddresses(text)).not.toContain("s3cret");
    const credentials = [
      `key tf_${"a".repeat(26)}_s3cret was used`,
      "whsec_s3cret/+=",
      "authorization: Bearer s3cret.s3cret",
      "Basic s3cret==",
    ];
    for (const text of credentials) expect(withoutAddresses(text)).not.toContain("s3cret");
    const harmless = "no address: 3 of 4 at 10:20, in file:///srv/app.ts:3:1";
    expect(withoutAddresses(harmless)).toBe(harmless);
  });

  it("is of an error its text and its causes' only", () => {
    const cause = Object.assign(new TypeError("Invalid URL"), {
      input: "https://host/?t=s3cret",
      code: "ERR_URL",
    });
    const error = new Error("could not read https://host/?t=s3cret", { cause });
    const logged = loggedError(error);
    expect(JSON.stringify(logged)).not.toContain("s3cret");
    expect(logged).toMatchObject({ type: "Error", cause: { type: "TypeError", code: "ERR_URL" } });
    expect(logged.stack).toContain("trace-context.test");
    expect(loggedError({ code: "ECONNREFUSED", url: "https://s3cret" })).toEqual({
      type: "object",
      message: "",
      code: "ECONNREFUSED",
    });
    expect(loggedError(undefined)).toEqual({ type: "undefined", message: "" });
  });

  it("ends, also of an error that is its own cause", () => {
    const error = new Error("round");
    error.cause = error;
    expect(JSON.stringify(loggedError(error)).length).toBeLessThan(20_000);
  });
});
