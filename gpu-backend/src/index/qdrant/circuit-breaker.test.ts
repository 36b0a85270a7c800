import { describe, expect, it } from "vitest";
import { BREAKER, type BreakerChange } from "../../work/channels.ts";
import { CircuitBreaker, CircuitOpen } from "./circuit-breaker.ts";

const failure = new Error("no connection");
const isFailure = (error: unknown) => error === failure;
const fail = () => Promise.reject(failure);

describe("a circuit breaker", () => {
  it("opens after five failures in a row, and lets one probe through after the pause", async () => {
    let now = 0;
    const breaker = new CircuitBreaker(() => now);
    for (let i = 0; i < 5; i++) await expect(breaker.run(fail, isFailure)).rejects.toBe(failure);
    let calls = 0;
    const work = async () => ++calls;
    await expect(breaker.run(work, isFailure)).rejects.toBeInstanceOf(CircuitOpen);
    now = 2_000;
    const { promise: first, resolve } = Promise.withResolvers<void>();
    const probe = breaker.run(() => first, isFailure);
    await expect(breaker.run(work, isFailure)).rejects.toBeInstanceOf(CircuitOpen);
    resolve();
    await probe;
    expect(await breaker.run(work, isFailure)).toBe(1);
  });

  it("tells when it opens and when it is closed again", async () => {
    const told: unknown[] = [];
    const listen = (change: unknown) => told.push((change as BreakerChange).open);
    BREAKER.subscribe(listen);
    let now = 0;
    const breaker = new CircuitBreaker(() => now);
    for (let i = 0; i < 5; i++) await expect(breaker.run(fail, isFailure)).rejects.toBe(failure);
    now = 2_000;
    await breaker.run(async () => 1, isFailure);
    await breaker.run(async () => 1, isFailure);
    BREAKER.unsubscribe(listen);
    expect(told).toEqual([true, false]);
  });

  it("stays open when the probe fails", async () => {
    let now = 0;
    const breaker = new CircuitBreaker(() => now);
    for (let i = 0; i < 5; i++) await expect(breaker.run(fail, isFailure)).rejects.toBe(failure);
    now = 2_500;
    await expect(breaker.run(fail, isFailure)).rejects.toBe(failure);
    await expect(breaker.run(async () => 1, isFailure)).rejects.toBeInstanceOf(CircuitOpen);
    now = 4_500;
    expect(await breaker.run(async () => 1, isFailure)).toBe(1);
  });

  it("does not count answers that refuse, nor failures with successes between", async () => {
    const breaker = new CircuitBreaker(() => 0);
    for (let i = 0; i < 10; i++)
      await expect(breaker.run(() => Promise.reject(new Error("refused")), isFailure)).rejects.toThrow(
        "refused",
      );
    for (let i = 0; i < 10; i++) {
      await expect(breaker.run(fail, isFailure)).rejects.toBe(failure);
      await breaker.run(async () => 1, isFailure);
    }
    expect(await breaker.run(async () => 1, isFailure)).toBe(1);
  });
});
