import { expect, test } from "vitest";
import { changelogWith, summaryOf } from "./changelog.ts";

const BEFORE = "# Changelog\n\n## 0.1.0\n\n- First.\n";

test("a release puts its lines above the earlier sections", () => {
  const after = changelogWith(BEFORE, "0.2.0", ["Second.", "Third."]);
  expect(after).toBe("# Changelog\n\n## 0.2.0\n\n- Second.\n- Third.\n\n## 0.1.0\n\n- First.\n");
});

test("a release adds to the section of its version when there is one", () => {
  expect(changelogWith(BEFORE, "0.1.0", ["Second."])).toBe(
    "# Changelog\n\n## 0.1.0\n\n- First.\n- Second.\n",
  );
});

test("a changeset's summary becomes one line, and an empty one is refused", () => {
  expect(summaryOf('---\n"@twinframe/edge": minor\n---\n\nOne thing\nand more.\n')).toBe(
    "One thing and more.",
  );
  expect(() => summaryOf('---\n"@twinframe/edge": minor\n---\n')).toThrow("says nothing");
});
