// A QuickTime movie whose samples are said to lie in another file (an alias in its `dref` box), for the test that
// such a file is never opened.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { clip, remuxed } from "./clips.ts";

const CONTAINERS = new Set(["moov", "trak", "mdia", "minf", "dinf"]);

export async function movNamingAnotherFile(folder: string) {
  const original = await readFile(await remuxed(await clip(), "mov", ["-movflags", "-faststart"]));
  await writeFile(join(folder, "other.mov"), original);
  const file = join(folder, "naming.mov");
  await writeFile(file, rewrite(original));
  /** The control: ffmpeg does read the other file where it may. */
  const opensWhenAllowed = async () => {
    const run = promisify(execFile);
    const { stderr } = await run("ffmpeg", [
      ...["-nostdin", "-v", "verbose", "-enable_drefs", "1", "-i", file, "-f", "null", "-"],
    ]);
    return stderr.includes("other.mov");
  };
  return { file, opensWhenAllowed };
}

/** Copies the boxes, the sizes following, with an alias as each data reference. */
function rewrite(boxes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= boxes.length; ) {
    const length = boxes.readUInt32BE(at);
    const type = boxes.toString("latin1", at + 4, at + 8);
    const content = boxes.subarray(at + 8, at + length);
    parts.push(
      type === "dref" ? drefBox() : CONTAINERS.has(type) ? box(type, rewrite(content)) : box(type, content),
    );
    at += length;
  }
  return Buffer.concat(parts);
}

function box(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.length, 0);
  header.write(type, 4, "latin1");
  return Buffer.concat([header, content]);
}

function drefBox(): Buffer {
  const path = Buffer.from("/x/other.mov\0\0", "latin1");
  const alias = Buffer.alloc(150 + 4 + path.length + 4);
  // One level up from the alias, one level down to the target: a file beside this one.
  alias.writeUInt16BE(1, 130);
  alias.writeUInt16BE(1, 132);
  alias.writeUInt16BE(2, 150);
  alias.writeUInt16BE(path.length, 152);
  path.copy(alias, 154);
  alias.writeUInt16BE(0xffff, 154 + path.length);
  const entry = box("alis", Buffer.concat([Buffer.alloc(4), alias]));
  return box("dref", Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), entry]));
}
