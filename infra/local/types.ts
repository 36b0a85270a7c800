// `npm run types`: checks the types of the Node side and of the Worker, at once.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const projects = ["tsconfig.json", "edge/tsconfig.json"];
const compiler = join(root, "node_modules/.bin/tsc");

const codes = await Promise.all(projects.map(check));
if (codes.every((code) => code === 0)) console.log(`No type errors (${projects.join(", ")}).`);
else process.exitCode = 1;

async function check(project: string): Promise<number> {
  if (!existsSync(join(root, project))) {
    console.error(`${project} is missing: its types were not checked.`);
    return 1;
  }
  const child = spawn(compiler, ["-p", project], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  // Shown at the end, so that two compilers' lines do not mix.
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((done, failed) =>
    child.on("error", failed).on("close", done),
  );
  if (code !== 0) console.error(`${project}:\n${output}`);
  return code ?? 1;
}
