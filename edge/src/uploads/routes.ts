import { createUploadSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { requireScope } from "../auth/authenticate.ts";
import { readUpload } from "../ingest/uploaded-video.ts";
import { declaredLength } from "../ingest/video-origin.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { untilDone } from "../platform/http/prefer.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { completeUpload } from "./complete.ts";
import { openUpload } from "./open.ts";
import { putPart } from "./put-part.ts";
import { removeUpload } from "./remove.ts";
import { uploadView } from "./view.ts";

const partSchema = z.object({
  part: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "use a part's number")
    .transform(Number),
});

const context = (c: AppContext) => requestContextOf(c.env, c.executionCtx);
const uploadOf = (c: AppContext) => readUpload(context(c), c.get("caller").tenant, c.req.param("id") ?? "");

export const uploads = new Hono<AppEnv>()
  .post("/", requireScope("checks:write"), async (c) => {
    const wanted = parseWith(createUploadSchema, await readJson(c));
    const upload = await openUpload(context(c), c.get("caller").tenant, wanted);
    c.header("location", `/v1/uploads/${upload.id}`);
    return c.json(upload, 201);
  })
  .all("/", onlyMethods("POST"))
  .get("/:id", requireScope("checks:write"), async (c) =>
    c.json(await uploadView(context(c), await uploadOf(c))),
  )
  .delete("/:id", requireScope("checks:write"), async (c) => {
    await removeUpload(context(c), await uploadOf(c));
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "DELETE"))
  .put("/:id/parts/:part", requireScope("checks:write"), async (c) => {
    const { part } = parseWith(partSchema, { part: c.req.param("part") });
    const { body, headers } = c.req.raw;
    await putPart(context(c), await uploadOf(c), part, body, declaredLength(headers));
    return c.body(null, 204);
  })
  .all("/:id/parts/:part", onlyMethods("PUT"))
  .post("/:id/complete", requireScope("checks:write"), async (c) => {
    const completed = await untilDone(c, completeUpload(context(c), await uploadOf(c)));
    return c.json(await uploadView(context(c), completed));
  })
  .all("/:id/complete", onlyMethods("POST"));
