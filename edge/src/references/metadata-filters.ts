import { ProblemError } from "@twinframe/shared/problem";
import type { MetadataFilter } from "./store/reference-list.ts";

const PREFIX = "metadata.";
const MAX_KEY_CHARS = 128;
/** Each is looked up in every row that the others leave. */
const MAX_FILTERS = 10;

const refuse = (detail: string, name: string) =>
  new ProblemError("invalid_request", `${detail} Write metadata.KEY=VALUE.`, {
    errors: [{ pointer: `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, detail }],
  });

/** The parameters `metadata.KEY=VALUE`, apart from all others, of which the last of a name counts. */
export function readMetadataFilters(queries: Record<string, string[]>): {
  metadata: MetadataFilter[];
  others: Record<string, string>;
} {
  const metadata: MetadataFilter[] = [];
  const others = new Map<string, string>();
  for (const [name, values] of Object.entries(queries)) {
    if (!name.startsWith(PREFIX)) {
      others.set(name, values.at(-1) ?? "");
      continue;
    }
    const key = name.slice(PREFIX.length);
    if (key === "" || key.length > MAX_KEY_CHARS)
      throw refuse(`A metadata key has 1–${MAX_KEY_CHARS} characters.`, name);
    for (const value of values) metadata.push({ key, value });
  }
  if (metadata.length > MAX_FILTERS)
    throw refuse(`At most ${MAX_FILTERS} metadata filters are taken.`, PREFIX);
  return { metadata, others: Object.fromEntries(others) };
}
