import { describe, expect, test } from "vitest";
import { passesOverMuch } from "./passed-over.ts";

const RATE = 30;
const PICTURES = 300;
const startS = Float64Array.from({ length: PICTURES }, (_, i) => i / RATE);
const timeline = { startS, originS: 0 } as Parameters<typeof passesOverMuch>[0]["timeline"];

/** What is told where only the pictures come whose number `came` holds for. */
function told(came: (n: number) => boolean, everyS = 1 / 3) {
  const timeS: number[] = [];
  const cameBefore: number[] = [];
  let decoded = 0;
  startS.forEach((time, n) => {
    if (!came(n)) return;
    if (time - (timeS.at(-1) ?? Number.NEGATIVE_INFINITY) >= everyS) {
      timeS.push(time);
      cameBefore.push(decoded);
    }
    decoded++;
  });
  return { timeS, isSound: timeS.map(() => true), cameBefore };
}

const judge = (came: (n: number) => boolean) => passesOverMuch({ timeline, clockStartS: 0 }, told(came));

describe("pictures passed over", () => {
  test.each([1, 2, 3])("are few where every picture of %i comes", (every) => {
    expect(judge((n) => n % every === 0)).toBe(false);
  });

  test.each([4, 5, 6, 9, 10, 17])(
    "are many where one of %i comes, also at the distance of what is told",
    (every) => {
      expect(judge((n) => n % every === 0)).toBe(true);
    },
  );

  test("are many where it is so for two seconds of a video alone", () => {
    expect(judge((n) => n < 120 || n > 190 || n % 5 === 0)).toBe(true);
  });

  test("are many at uneven distances too", () => {
    const came = new Set<number>();
    for (let n = 0, i = 0; n < PICTURES; n += [4, 7, 5, 6][i++ % 4]!) came.add(n);
    expect(judge((n) => came.has(n))).toBe(true);
  });
});
