// An import's body ─▶ its lines, each valid or with what is wrong with it.

import { IMPORT_MAX_LINES, type ImportEntry, importEntrySchema } from "@twinframe/shared/contract";
import { CsvFault, type CsvRecord, csvRecords } from "@twinframe/shared/csv";
import { type Problem, ProblemError, problemOfZodError, toProblem } from "@twinframe/shared/problem";
import { isS3Address } from "../ingest/s3-address.ts";

export type ReadLine =
  | { line: number; entry: ImportEntry }
  | { line: number; problem: Problem; url: string | null };

export type ImportFormat = "text/csv" | "application/x-ndjson";

/** As much as a single reference may be told in JSON. */
const MAX_LINE_CHARS = 65_536;
const MAX_PROBLEM_CHARS = 4000;
const METADATA_PREFIX = "metadata.";

const refuse = (detail: string) => new ProblemError("invalid_request", detail);

/** Throws when the whole cannot be read as that format. `refuseAddress` throws when a URL may not be fetched. */
export function readLines(
  text: string,
  format: ImportFormat,
  refuseAddress: (url: string) => void,
): ReadLine[] {
  const lines: ReadLine[] = [];
  try {
    for (const { line, read } of format === "text/csv" ? csvLines(text) : jsonLines(text)) {
      if (lines.length >= IMPORT_MAX_LINES)
        throw refuse(`Send at most ${IMPORT_MAX_LINES} lines; split the file.`);
      lines.push(checked(line, read, refuseAddress));
    }
  } catch (error) {
    if (error instanceof CsvFault) throw refuse(error.message);
    throw error;
  }
  if (lines.length === 0) throw refuse("Send at least one line with a URL.");
  return lines;
}

interface RawLine {
  line: number;
  /** Throws what is wrong with this line alone. */
  read: () => unknown;
}

function checked(line: number, read: () => unknown, refuseAddress: (url: string) => void): ReadLine {
  let url: string | null = null;
  try {
    const value = read();
    const given = typeof value === "object" && value !== null && "url" in value ? value.url : null;
    url = typeof given === "string" ? shownUrl(given) : null;
    const parsed = importEntrySchema.safeParse(value);
    if (!parsed.success) throw problemOfZodError(parsed.error);
    refuseAddress(parsed.data.url);
    return { line, entry: parsed.data };
  } catch (error) {
    // Nested thousands deep: see the same in routes/json-body.ts.
    const fault = error instanceof RangeError ? refuse("The JSON is nested too deep.") : error;
    return { line, problem: shortened(toProblem(fault)), url };
  }
}

/** A line with a thousand faults needs no list of them all. */
function shortened(problem: Problem): Problem {
  if (JSON.stringify(problem).length <= MAX_PROBLEM_CHARS) return problem;
  const { errors: _, detail, ...rest } = problem;
  return { ...rest, detail: `${detail.slice(0, MAX_PROBLEM_CHARS / 2)} …` };
}

/** A URL as it may be shown and kept; null when it is none. */
export function shownUrl(text: string): string | null {
  // A bucket's key has no query: all of it may be shown.
  if (isS3Address(text)) return text;
  if (!URL.canParse(text)) return null;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}

function* jsonLines(text: string): Generator<RawLine> {
  let line = 0;
  for (const content of text.split("\n")) {
    line++;
    if (content.trim() === "") continue;
    const read = () => {
      refuseLong(content.length);
      try {
        return JSON.parse(content);
      } catch {
        throw new ProblemError("malformed_json", "Write one JSON object a line.");
      }
    };
    yield { line, read };
  }
}

function refuseLong(chars: number): void {
  if (chars > MAX_LINE_CHARS)
    throw new ProblemError("request_too_large", `Write lines of at most ${MAX_LINE_CHARS} characters.`);
}

function* csvLines(text: string): Generator<RawLine> {
  let columns: string[] | undefined;
  for (const record of csvRecords(text)) {
    if (columns === undefined) columns = header(record);
    else {
      const names = columns;
      yield { line: record.line, read: () => entryOf(names, record) };
    }
  }
}

function header({ fields }: CsvRecord): string[] {
  const columns = fields.map((field) => field.trim());
  const known = (name: string) =>
    ["url", "id", "metadata"].includes(name) ||
    (name.startsWith(METADATA_PREFIX) && name !== METADATA_PREFIX);
  const stranger = columns.find((name) => !known(name));
  if (stranger !== undefined || !columns.includes("url") || new Set(columns).size < columns.length) {
    throw refuse(
      "Begin the CSV with a line that names its columns, each once: url, and if you like id, metadata (JSON) " +
        "and metadata.NAME (text).",
    );
  }
  return columns;
}

/** Empty fields are as if they were not there. */
function entryOf(columns: readonly string[], { fields }: CsvRecord): unknown {
  refuseLong(fields.reduce((sum, field) => sum + field.length, 0));
  if (fields.length !== columns.length)
    throw refuse(`This line has ${fields.length} fields, and the header ${columns.length}.`);
  const entry: Record<string, unknown> = {};
  const single: [string, string][] = [];
  let metadata: unknown;
  for (const [i, field] of fields.entries()) {
    const name = columns[i]!;
    if (field === "") continue;
    if (name.startsWith(METADATA_PREFIX)) single.push([name.slice(METADATA_PREFIX.length), field]);
    else if (name === "metadata") metadata = metadataOf(field);
    else entry[name] = field;
  }
  if (metadata === undefined && single.length === 0) return entry;
  return { ...entry, metadata: Object.fromEntries([...Object.entries(metadata ?? {}), ...single]) };
}

function metadataOf(field: string): object {
  try {
    const value = JSON.parse(field);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below.
  }
  throw refuse("Write the column metadata as a JSON object.");
}
