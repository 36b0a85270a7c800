// `npm run types`: checks the types of the Node side and of the Worker, at once.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";

const root = resolve(import.meta.dirname, "../..");
const projects = ["tsconfig.json", "edge/tsconfig.json"];
const compiler = join(root, "node_modules/.bin/tsc");

const outcomes = await Promise.all(projects.map(check));
if (outcomes.every((isRight) => isRight)) console.log(`No type errors (${projects.join(", ")}).`);
else process.exitCode = 1;

async function check(project: string): Promise<boolean> {
  if (!existsSync(join(root, project))) {
    console.error(`${project} is missing: its types were not checked.`);
    return false;
  }
  // Shown at the end, so that two compilers' lines do not mix.
  const { failed, all } = await execa(compiler, ["-p", project], {
    cwd: root,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  if (failed) console.error(`${project}:\n${all}`);
  return !failed;
}
