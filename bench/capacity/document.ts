// docs/scale.md holds every table between two marks with its name, so that what is printed and what is written
// cannot differ.

import { TABLES } from "./tables.ts";

export function withTables(document: string): string {
  let text = document;
  for (const [name, make] of Object.entries(TABLES)) {
    const [start, end] = [`<!-- table ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from)
      throw new Error(`the document has no place for the table ${name}: ${start} … ${end}`);
    text = `${text.slice(0, from + start.length)}\n${make()}\n${text.slice(to)}`;
  }
  return text;
}
