// CSV as RFC 4180 has it: quoted where needed, a header line first.

const quoted = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

export function csvLine(values: (string | number)[]): string {
  return `${values.map((value) => quoted(String(value))).join(",")}\n`;
}

function splitCells(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (!match) throw new Error(`the CSV cannot be read near line ${rows.length}`);
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] !== ",") rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

/** Rows by the header's names. Throws when a named column is missing. */
export function parseCsv(text: string, columns: string[]): Record<string, string>[] {
  const [header = [], ...rows] = splitCells(text.replace(/^\uFEFF/, ""));
  for (const column of columns)
    if (!header.includes(column))
      throw new Error(`the CSV has no column ${column}; it has ${header.join(", ")}`);
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""])));
}
