import { expect, it } from "vitest";
import { CsvFault, csvRecords } from "./csv.ts";

it.each([
  [
    "a,b\nc,d\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "a,b\r\nc,d",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["\ufeffa\rb", [["a"], ["b"]]],
  [
    "a,,\n,\n",
    [
      ["a", "", ""],
      ["", ""],
    ],
  ],
  ['"a,1","b ""q""",""', [["a,1", 'b "q"', ""]]],
  [
    '"two\r\nlines",x\n\n\ny,z',
    [
      ["two\r\nlines", "x"],
      ["y", "z"],
    ],
  ],
  ["", []],
  ["\n\r\n", []],
])("reads the CSV %j", (text, fields) => {
  expect([...csvRecords(text)].map((record) => record.fields)).toEqual(fields);
});

it("counts lines also within quotes", () => {
  expect([...csvRecords('h\n"1\n2\n3"\nx\n\ny')].map(({ line }) => line)).toEqual([1, 2, 5, 7]);
});

it.each(['"open', 'a,"open\n', 'a"b', '"a"b', '"a""'])("does not take %j for CSV", (text) => {
  expect(() => [...csvRecords(text)]).toThrow(CsvFault);
});
