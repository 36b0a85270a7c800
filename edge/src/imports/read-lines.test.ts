import { expect, it } from "vitest";
import { fetchableUrl } from "../ingest/source-address.ts";
import { type ImportFormat, type ReadLine, readLines } from "./read-lines.ts";

const read = (text: string, format: ImportFormat = "text/csv") =>
  readLines(text, format, (url) => void fetchableUrl(url, []));
const codes = (lines: ReadLine[]) =>
  lines.map((one) => ("problem" in one ? `${one.line} ${one.problem.code}` : one.line));
const u = "https://example.com/a.mp4";

it("takes columns in any order, metadata as JSON and by name", () => {
  const text = `metadata.lang,url,metadata,id\nen,${u},"{""n"":1,""lang"":""fr""}",a\n,${u}?sig=1,,\n`;
  expect(read(text)).toEqual([
    { line: 2, entry: { url: u, id: "a", metadata: { n: 1, lang: "en" } } },
    { line: 3, entry: { url: `${u}?sig=1`, metadata: {} } },
  ]);
});

it("takes JSON Lines", () => {
  const text = `{"url":"${u}","id":"a","metadata":{"n":[1]}}\r\n\n{"url":"${u}"}`;
  expect(read(text, "application/x-ndjson")).toEqual([
    { line: 1, entry: { url: u, id: "a", metadata: { n: [1] } } },
    { line: 3, entry: { url: u, metadata: {} } },
  ]);
});

it("says of each line what is wrong with it, and keeps no secret of its URL", () => {
  const lines = read(
    [
      "url,id,metadata",
      `${u},a`,
      `${u},../x,`,
      `${u},a,[]`,
      ",a,",
      "ftp://example.com/a?sig=secret,,",
      "http://user:secret@example.com/a?sig=secret,,",
      "http://127.0.0.1/a?sig=secret,,",
      `${u}?${"x".repeat(70_000)},,`,
    ].join("\n"),
  );
  expect(codes(lines)).toEqual([
    "2 invalid_request",
    "3 invalid_request",
    "4 invalid_request",
    "5 invalid_request",
    "6 invalid_url",
    "7 invalid_url",
    "8 source_address_refused",
    "9 request_too_large",
  ]);
  expect(JSON.stringify(lines)).not.toContain("secret");
  expect(lines[6]).toMatchObject({ url: "http://127.0.0.1/a" });
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key${i}`, 1])));
  const texts = ["{", "[]", "5", '{"url":5}', `{"url":"${u}","x":1}`, many, `${'{"a":'.repeat(9000)}1`];
  const bad = read(texts.join("\n"), "application/x-ndjson");
  expect(codes(bad).map((code) => String(code).split(" ")[1])).toEqual([
    "malformed_json",
    ...Array(5).fill("invalid_request"),
    "malformed_json",
  ]);
  expect(JSON.stringify(bad).length).toBeLessThan(20_000);
});

it.each([
  "",
  "url\n",
  "id,metadata\na,{}",
  "url,name\nx,y",
  "url,url\nx,y",
  "url,metadata.\nx,y",
  `url\n${`${u}\n`.repeat(10_001)}`,
])("refuses the whole of %.40j", (text) => expect(() => read(text)).toThrow(/CSV|lines|line with a URL/));

it("reads ten thousand lines", () => {
  expect(read(`url\n${`${u}\n`.repeat(10_000)}`)).toHaveLength(10_000);
});
