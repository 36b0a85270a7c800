// Objects for the backend, where it cannot reach the object store itself: by signed, short-lived link only.

import { ProblemError } from "@twinframe/shared/problem";
import { verifyUrl } from "@twinframe/shared/signing";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../platform/http/http-types.ts";
import { contextOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { createRoute, guardedBy } from "../platform/openapi/route.ts";
import { OBJECT_PATH_PREFIX } from "./object-source.ts";

const requireSignedLink: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (!(await verifyUrl(contextOf(c).config.signingSecrets, new URL(c.req.url)))) {
    throw new ProblemError(
      "bad_signature",
      "This link is not genuine or no longer valid; ask for a new one.",
    );
  }
  await next();
};

export const objects = new Api().serve(
  createRoute({
    method: "get",
    path: `${OBJECT_PATH_PREFIX}*`,
    ...guardedBy(requireSignedLink, "signed link"),
    responses: { 200: { description: "The object." } },
  }),
  async (c) => {
    const { bindings, defer } = contextOf(c);
    const key = new URL(c.req.url).pathname.slice(OBJECT_PATH_PREFIX.length);
    const object = await bindings.OBJECTS.get(key);
    if (object === null) throw new ProblemError("object_not_found", "This object has been deleted.");
    // A stream of known length, so that a reader notices when it breaks off.
    const { readable, writable } = new FixedLengthStream(object.size);
    // A reader that goes away breaks the pipe, which is no failure of ours.
    defer(object.body.pipeTo(writable).catch(() => {}));
    const headers = { "content-type": "application/octet-stream", "content-length": String(object.size) };
    return c.body(readable, 200, headers);
  },
);
