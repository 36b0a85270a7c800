import { ProblemError } from "@twinframe/shared/problem";
import { expect, it } from "vitest";
import { idOfUrl } from "./routes.ts";

it.each([
  ["https://s3.example.com/b/23fac2f2-7f00.mp4", "23fac2f2-7f00"],
  ["https://example.com/a.b.mp4?sig=x.y#z", "a.b"],
  ["https://example.com/plain", "plain"],
  ["https://example.com/%61b.mp4", "ab"],
])("the id of %s is %s", (url, id) => expect(idOfUrl(url)).toBe(id));

it.each(["https://example.com/", "https://example.com/a/", "nonsense", "https://example.com/%2Fa.mp4"])(
  "%s has none",
  (url) => expect(() => idOfUrl(url)).toThrow(ProblemError),
);
