import { describe, expect, it } from "vitest";
import { FairQueue, type Requester, type Urgency } from "./fair-queue.ts";

const RULES = { maxRunning: 1, tenantMaxRunning: 2, reserved: 0, weights: new Map() };
const by = (tenant: string, urgency: Urgency = "interactive"): Requester => ({ tenant, urgency });

/** Turns by tenant, of a hundred, when every tenant always has work of 10 ms waiting. */
function shares(weights: Record<string, number>, maxRunning: number): Record<string, number> {
  const rules = {
    maxRunning,
    tenantMaxRunning: maxRunning,
    reserved: 0,
    weights: new Map(Object.entries(weights)),
  };
  const queue = new FairQueue(rules, () => 0);
  const had = Object.fromEntries(Object.keys(weights).map((name) => [name, 0]));
  const add = (tenant: string) => queue.add({ ...by(tenant), begin: () => {}, refuse: () => {} });
  for (const name of Object.keys(weights)) for (let i = 0; i < 5; i++) add(name);
  const running: string[] = [];
  for (let i = 0; i < 100; i++) {
    for (let next = queue.next(); next !== null; next = queue.next()) {
      running.push(next.tenant);
      had[next.tenant]!++;
      add(next.tenant);
    }
    queue.ended(by(running.shift()!), 10);
  }
  return had;
}

describe("FairQueue", () => {
  it("shares one place, and several, by weight", () => {
    expect(shares({ a: 1, b: 1 }, 1)).toEqual({ a: 50, b: 50 });
    expect(shares({ a: 3, b: 1 }, 1)).toEqual({ a: 75, b: 25 });
    const { a, b } = shares({ a: 3, b: 1 }, 4);
    expect(a! / b!).toBeCloseTo(3, 0);
  });

  it("gives an idle tenant no credit", () => {
    const queue = new FairQueue(RULES, () => 0);
    const add = (tenant: string) => queue.add({ ...by(tenant), begin: () => {}, refuse: () => {} });
    for (let i = 0; i < 20; i++) add("busy");
    for (let i = 0; i < 10; i++) {
      queue.next();
      queue.ended(by("busy"), 1000);
    }
    for (let i = 0; i < 5; i++) add("late");
    const order = Array.from({ length: 4 }, () => {
      const { tenant } = queue.next()!;
      queue.ended(by(tenant), 1000);
      return tenant;
    });
    expect(order.filter((tenant) => tenant === "late")).toHaveLength(2);
  });

  it("takes interactive work first, and every fourth time the oldest work", () => {
    const queue = new FairQueue({ ...RULES, maxRunning: 100, tenantMaxRunning: 100 }, () => 0);
    const order: Urgency[] = ["maintenance", "reference", "queued_check", "interactive"];
    const add = (urgency: Urgency) => queue.add({ ...by("one", urgency), begin: () => {}, refuse: () => {} });
    order.forEach(add);
    for (let i = 0; i < 4; i++) add("interactive");
    const taken = Array.from({ length: 8 }, () => queue.next()!.urgency);
    expect(taken.slice(0, 4)).toEqual(["interactive", "interactive", "interactive", "maintenance"]);
    expect(taken.slice(4)).toEqual(["interactive", "interactive", "queued_check", "reference"]);
  });
});
