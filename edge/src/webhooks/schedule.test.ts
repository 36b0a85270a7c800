import { describe, expect, it } from "vitest";
import { DELAYS_MS, jitterOf, nextAttemptMs, queueDelayS, retryAfterMs } from "./schedule.ts";

const HOUR = 3600_000;
const now = Date.parse("2026-05-05T05:05:05.000Z");
const failed = { deliveryId: "dlv_1", tries: 1, status: 500, retryAfter: null };

it("is the schedule of Standard Webhooks", () => {
  const minutes = [0, 5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440];
  expect(DELAYS_MS).toEqual(minutes.map((minute) => minute * 60_000));
});

describe("jitter", () => {
  const all = Array.from({ length: 2000 }, (_, i) => jitterOf(`dlv_${i}`, 1 + (i % 9)));

  it("is of at most a fifth, and uses the whole of it", () => {
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0.8);
    expect(Math.max(...all)).toBeLessThan(1.2);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = all.filter((j) => j >= 0.8 + tenth * 0.04 && j < 0.84 + tenth * 0.04).length;
      expect(share, `${tenth}`).toBeGreaterThan(120);
    }
  });

  it("is the same every time, another for every delivery and attempt", () => {
    expect(jitterOf("dlv_1", 3)).toBe(jitterOf("dlv_1", 3));
    expect(new Set(all).size).toBe(all.length);
    expect(jitterOf("dlv_1", 3)).not.toBe(jitterOf("dlv_1", 4));
  });
});

describe("the next attempt", () => {
  it("is its delay away, and there is none after the tenth", () => {
    for (let tries = 1; tries < 10; tries++) {
      const delay = DELAYS_MS[tries]! * jitterOf("dlv_1", tries);
      expect(nextAttemptMs({ ...failed, tries }, false, now)).toBe(now + Math.round(delay));
    }
    expect(nextAttemptMs({ ...failed, tries: 10 }, false, now)).toBeNull();
  });

  it("of a test there is none", () => expect(nextAttemptMs(failed, true, now)).toBeNull());

  it.each([429, 502, 503, 504])("waits as long as a %i asks for, never less than the schedule", (status) => {
    const at = (retryAfter: string, tries = 1) =>
      nextAttemptMs({ ...failed, status, retryAfter, tries }, false, now)! - now;
    expect(at("3600")).toBe(HOUR);
    expect(at("1")).toBe(Math.round(5000 * jitterOf("dlv_1", 1)));
    expect(at("999999999")).toBe(24 * HOUR);
    expect(at(new Date(now + 2 * HOUR).toUTCString())).toBe(2 * HOUR);
    expect(at("60", 9)).toBeGreaterThan(19 * HOUR);
  });

  it.each([500, 404, null])("a wish that comes with %s is not heard", (status) => {
    expect(nextAttemptMs({ ...failed, status, retryAfter: "3600" }, false, now)! - now).toBeLessThan(6001);
  });
});

it.each([null, "", "soon", "-5", "1.5e99", "Thu, 01 Jan 1970 00:00:00 GMT", "12345678901"])(
  "Retry-After %j asks for nothing",
  (header) => expect(retryAfterMs(header, now)).toBe(0),
);

it("a queue holds a message for twelve hours at most, and never gives it back too early", () => {
  expect(queueDelayS(now + 1, now)).toBe(1);
  expect(queueDelayS(now - 5000, now)).toBe(0);
  expect(queueDelayS(now + 12 * HOUR, now)).toBe(43_200);
  expect(queueDelayS(now + 30 * HOUR, now)).toBe(43_200);
});
