import { expect, it } from "vitest";
import { entryOf, trackOf } from "../../testing-tracks.ts";
import type { VectorIndex } from "../vector-index.ts";
import { SwappableIndex } from "./swappable-index.ts";

const entry = (id: string) => entryOf(id, trackOf(new Float32Array(0), 4));

/** An index whose writes end when they are told to. */
function heldIndex(name: string, steps: string[]) {
  const ends: (() => void)[] = [];
  const index = {
    model: { id: "test", version: "1" },
    dims: 4,
    upsertReference: ({ id }: { id: string }) => {
      steps.push(`${name} writes ${id}`);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
    close: async () => {
      steps.push(`${name} is closed`);
    },
  } as unknown as VectorIndex;
  return { index, endAll: () => ends.splice(0).forEach((end) => void end()) };
}
const turns = () => new Promise((resolve) => setTimeout(resolve));

it("ends running calls on the old content, and begins later calls on the new one", async () => {
  const steps: string[] = [];
  const [old, next] = [heldIndex("old", steps), heldIndex("next", steps)];
  const index = new SwappableIndex(old.index);
  const first = index.upsertReference(entry("a")).then(() => steps.push("a is acknowledged"));
  await turns();
  const swapped = index.swap(next.index, () => steps.push("commit"));
  const second = index.upsertReference(entry("b"));
  await turns();
  expect(steps).toEqual(["old writes a"]);
  old.endAll();
  await Promise.all([first, swapped]);
  await turns();
  expect(steps.toSorted()).toEqual(
    ["old writes a", "a is acknowledged", "commit", "next writes b", "old is closed"].sort(),
  );
  expect(steps.indexOf("commit")).toBeLessThan(steps.indexOf("next writes b"));
  next.endAll();
  await second;
});

it("keeps the old content when the commit fails", async () => {
  const steps: string[] = [];
  const [old, next] = [heldIndex("old", steps), heldIndex("next", steps)];
  const index = new SwappableIndex(old.index);
  const refuse = () => {
    throw new Error("the disk is full");
  };
  await expect(index.swap(next.index, refuse)).rejects.toThrow("full");
  const writing = index.upsertReference(entry("a"));
  await turns();
  expect(steps).toEqual(["old writes a"]);
  old.endAll();
  await writing;
});
