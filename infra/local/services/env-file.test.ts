import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unstable_getVarsForDev } from "wrangler";
import { envFileText } from "./env-file.ts";
import { tempFolder } from "./temp-folder.ts";

/** What the Worker would be given. */
function readByWrangler(text: string): Record<string, unknown> {
  const folder = tempFolder();
  const file = join(folder, "edge.env");
  writeFileSync(file, text);
  const vars = unstable_getVarsForDev(join(folder, "wrangler.toml"), [file], {}, undefined, true);
  return Object.fromEntries(Object.entries(vars).map(([name, variable]) => [name, variable.value]));
}

const odd: Record<string, string> = {
  PLAIN: "abc",
  EMPTY: "",
  SPACES: "  both ends  ",
  HASH: "a #b#",
  SINGLE: "it's",
  DOUBLE: 'say "it"',
  BOTH: `it's "it"`,
  ALL_THREE: "a'b\"c`d",
  BACKTICK: "`whoami`",
  QUOTED: "'quoted'",
  NEWLINE: "one\ntwo\n",
  NEWLINE_AND_QUOTES: "it's\n'two'",
  NEWLINE_AND_BOTH: 'it\'s\n"two"',
  RETURN: "one\r\ntwo",
  NOT_A_NEWLINE: "C:\\new\\room",
  DOLLAR: "pa$$word",
  NAME: "$PLAIN and $" + "{PLAIN} and $" + "{NONE:-other}",
  ESCAPED_DOLLAR: "\\$PLAIN",
  LAST_DOLLAR: "cost$",
  LAST_BACKSLASH: "C:\\",
  BACKSLASH_QUOTE: "a\\'b",
  EQUALS: "a=b==",
  UNICODE: "käse 🧀",
  LIST: "127.0.0.1:9000,[::1]:9001",
};

test("an env file gives back every value as it was written", () => {
  expect(readByWrangler(envFileText(odd))).toEqual(odd);
});

test.each(Object.entries(odd))("%s also does between two others", (name, value) => {
  const settings = { BEFORE: "'", [name]: value, AFTER: "" };
  expect(readByWrangler(envFileText(settings))).toEqual(settings);
});

test("a value that an env file cannot hold is refused by the setting's name, without the value", () => {
  for (const value of ["'\"`\n", "#\\", "\r'\"", "\\n\r"]) {
    expect(() => envFileText({ SIGNING_SECRET: value })).toThrow(/^The value of SIGNING_SECRET mixes quotes/);
  }
  expect(() => envFileText({ "A B": "" })).toThrow('"A B" is no name for a setting');
});
