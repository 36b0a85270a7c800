// The contract of the short-video service that Twinframe takes the place of: its field names, our check.

import {
  checkOptionsSchema,
  notFullySeenSentence,
  referenceIdSchema,
  urlSchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { Hono } from "hono";
import { z } from "zod";
import { requireScope } from "../auth/authenticate.ts";
import { stillAtWork } from "../backend-client/still-at-work.ts";
import { submitCheck } from "../checks/index.ts";
import { isS3Address } from "../ingest/s3-address.ts";
import type { AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";

/** Its clients may send more than we know of. */
const bodySchema = z.object({ url: urlSchema });

/** The id of a video is the last segment of its URL's path, without the extension. */
export function idOfUrl(url: string): string {
  try {
    const segment = isS3Address(url)
      ? url.split("/").at(-1)!
      : decodeURIComponent(new URL(url).pathname.split("/").at(-1)!);
    return referenceIdSchema.parse(segment.replace(/\.[^.]*$/, ""));
  } catch {
    throw new ProblemError(
      "invalid_url",
      "Give an absolute URL whose last path segment is the video's id, such as https://example.com/ID.mp4.",
    );
  }
}

export const compat = new Hono<AppEnv>()
  .post("/", requireScope("checks:write", { also: "references:write" }), async (c) => {
    const { url } = parseWith(bodySchema, await readJson(c));
    const options = checkOptionsSchema.parse({ index: "if_unique", reference_id: idOfUrl(url) });
    const submission = {
      tenant: c.get("caller").tenant,
      options,
      origin: { kind: "url" as const, url },
      waitMs: preferredWaitMs(c, LONGEST_WAIT_S),
      requestId: c.get("requestId"),
    };
    const outcome = await untilDone(c, submitCheck(requestContextOf(c.env, c.executionCtx), submission));
    if (outcome.kind === "accepted") throw stillAtWork();
    const { is_duplicate, duplicate_for, reason, query } = outcome.completed.result;
    // Its answer has no word for "perhaps", and `false` would let the video in.
    if (reason === "not_fully_seen") {
      const { duration_s, seen_s = null, gaps = [] } = query;
      const seen = notFullySeenSentence({ duration_s: duration_s ?? 0, seen_s, gaps });
      throw new ProblemError(
        "not_fully_seen",
        `${seen} Nothing was found in what was seen. Encode it again.`,
      );
    }
    return c.json({ is_duplicate, duplicate_for });
  })
  .all("/", onlyMethods("POST"));
