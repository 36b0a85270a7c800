import { expect, it } from "vitest";
import { NonceMemory } from "./nonce-memory.ts";

const START_MS = Date.UTC(2026, 0, 1);
const START_S = START_MS / 1000;
const signed = (nonce: string, timestampS = START_S) => ({ nonce, timestampS, contentSha256: "" });
const at = (s: number) => START_MS + s * 1000;

it("admits a nonce once, for as long as its signature holds", () => {
  const memory = new NonceMemory(10, START_MS);
  expect(memory.admit(signed("a"), at(0))).toBe("new");
  for (const s of [0, 1, 299.9, 300]) expect(memory.admit(signed("a"), at(s))).toBe("replayed");
  // Signed for later, it holds until later.
  expect(memory.admit(signed("b", START_S + 300), at(0))).toBe("new");
  expect(memory.admit(signed("b", START_S + 300), at(600))).toBe("replayed");
});

it("takes nothing that was signed before it began, or of a time that it has forgotten", () => {
  const memory = new NonceMemory(10, at(0.7));
  expect(memory.admit(signed("a", START_S - 1), at(1))).toBe("unknowable");
  expect(memory.admit(signed("a"), at(1))).toBe("new");
  expect(memory.admit(signed("b", START_S + 301), at(301))).toBe("new");
  // The clock was set back; "a" has been forgotten by now.
  expect(memory.admit(signed("a"), at(1))).toBe("unknowable");
});

it("refuses what it has no room for, and forgets nothing early", () => {
  const memory = new NonceMemory(2, START_MS);
  expect(memory.admit(signed("a"), at(0))).toBe("new");
  expect(memory.admit(signed("b", START_S + 100), at(100))).toBe("new");
  expect(memory.admit(signed("c", START_S + 200), at(200))).toBe("full");
  expect(memory.admit(signed("a"), at(300))).toBe("replayed");
  expect(memory.admit(signed("c", START_S + 301), at(301))).toBe("new");
  expect(memory.admit(signed("d", START_S + 301), at(301))).toBe("full");
});
