// Examples that lead a fuzzer past the first door: a URL that can be fetched, ids that exist.

export interface KnownThings {
  url: string;
  checkId: string;
  referenceId: string;
}

type Json = unknown;
const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The document with examples at every property that names a URL of a video, and at the ids in paths. */
export function withExamples(document: object, { url, checkId, referenceId }: KnownThings): object {
  const properties: Record<string, string> = { url, video_url: url, video_url_1: url, video_url_2: url };
  const inPath = (path: string): string | undefined =>
    path.startsWith("/v1/checks/{id}")
      ? checkId
      : path.startsWith("/v1/references/{id}")
        ? referenceId
        : undefined;
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isObject(value)) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
    if (!isObject(copy.properties)) return copy;
    for (const [name, example] of Object.entries(properties)) {
      const property = copy.properties[name];
      if (isObject(property) && property.type === "string") property.examples = [example];
    }
    return copy;
  };
  const walked = walk(document) as { paths: Record<string, Record<string, { parameters?: Json[] }>> };
  for (const [path, operations] of Object.entries(walked.paths)) {
    const example = inPath(path);
    for (const { parameters = [] } of Object.values(operations))
      for (const parameter of parameters)
        if (isObject(parameter) && parameter.in === "path" && example !== undefined)
          parameter.example = example;
  }
  return walked;
}
