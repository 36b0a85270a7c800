// CSV as RFC 4180 has it: quoted where needed, a header line first.

import { csvRecords } from "@twinframe/shared/csv";

const quoted = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

export function csvLine(values: (string | number)[]): string {
  return `${values.map((value) => quoted(String(value))).join(",")}\n`;
}

/** Rows by the header's names. Throws when a named column is missing, and `CsvFault` where the text is no CSV. */
export function parseCsv(text: string, columns: string[]): Record<string, string>[] {
  const [header = [], ...rows] = Array.from(csvRecords(text), ({ fields }) => fields);
  for (const column of columns)
    if (!header.includes(column))
      throw new Error(`the CSV has no column ${column}; it has ${header.join(", ")}`);
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""])));
}
