// Objects for the backend, where it cannot reach the object store itself: by signed, short-lived link only.

import { ProblemError } from "@twinframe/shared/problem";
import { verifyUrl } from "@twinframe/shared/signing";
import { Hono } from "hono";
import type { AppEnv } from "../platform/http/http-types.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { OBJECT_PATH_PREFIX } from "./object-source.ts";

export const objects = new Hono<AppEnv>()
  .get("/*", async (c) => {
    const { config, bindings, defer } = requestContextOf(c.env, c.executionCtx);
    const url = new URL(c.req.url);
    if (!(await verifyUrl(config.signingSecrets, url))) {
      throw new ProblemError(
        "bad_signature",
        "This link is not genuine or no longer valid; ask for a new one.",
      );
    }
    const key = url.pathname.slice(OBJECT_PATH_PREFIX.length);
    const object = await bindings.OBJECTS.get(key);
    if (object === null) throw new ProblemError("object_not_found", "This object has been deleted.");
    // A stream of known length, so that a reader notices when it breaks off.
    const { readable, writable } = new FixedLengthStream(object.size);
    // A reader that goes away breaks the pipe, which is no failure of ours.
    defer(object.body.pipeTo(writable).catch(() => {}));
    const headers = { "content-type": "application/octet-stream", "content-length": String(object.size) };
    return c.body(readable, 200, headers);
  })
  .all("/*", onlyMethods("GET"));
