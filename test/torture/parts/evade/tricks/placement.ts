// A copy somewhere in something long.

import { writeFileSync } from "node:fs";
import { pick } from "../../../files/random-choice.ts";
import type { Making, Trick } from "../trick.ts";

/** Files of the same encoding one after the other, not encoded again. */
export async function joined(
  making: Making,
  files: string[],
  extension = "mp4",
  options: string[] = [],
): Promise<string> {
  const list = making.path("list.txt");
  writeFileSync(list, files.map((file) => `file '${file}'\n`).join(""));
  const out = making.path(`query.${extension}`);
  await making.ffmpeg(["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", ...options, out]);
  return out;
}

const SMALL = { size: "128x72", rate: 10 };

const inLong = (kind: string, seconds: readonly number[], at: number, extension = "mp4"): Trick => ({
  kind,
  make: async (making) => {
    const how = { ...SMALL, extension };
    const times = Math.round(pick(making.random, seconds) / 8);
    const hiding = await making.decoy(how);
    const files = Array.from({ length: times }, () => hiding);
    files.splice(Math.floor(times * at), 0, await making.copy(how));
    return joined(making, files, extension);
  },
});

export const placement: Trick[] = [
  inLong("the last seconds of minutes", [60, 180, 300], 1),
  inLong("the last seconds of more frames than are kept", [500, 700], 1),
  inLong("the last seconds of much more than is kept, in mkv", [900], 1, "mkv"),
  inLong("somewhere in ten minutes of mkv", [600], 0.61, "mkv"),
  inLong("the first seconds of ten minutes of ts", [600], 0, "ts"),
  {
    kind: "after two minutes of black",
    make: async (making) => {
      const black = await making.decoy({ ...SMALL, seconds: 120, filter: "drawbox=color=black:t=fill" });
      return joined(making, [black, await making.copy(SMALL)]);
    },
  },
  {
    kind: "after a picture that stands for two minutes",
    make: async (making) => {
      const still = await making.decoy({
        ...SMALL,
        seconds: 120,
        filter: "select='eq(n,0)',fps=10,tpad=stop_mode=clone:stop_duration=120",
      });
      return joined(making, [still, await making.copy(SMALL)]);
    },
  },
];
