import { createUploadSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { declaredLength } from "../intake/video-origin.ts";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppContext, AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { servicesOf } from "../services.ts";
import { completeUpload } from "../uploads/complete.ts";
import { openUpload } from "../uploads/open.ts";
import { putPart } from "../uploads/put-part.ts";
import { removeUpload } from "../uploads/remove.ts";
import { readUpload } from "../uploads/use.ts";
import { uploadView } from "../uploads/view.ts";
import { parseWith, readJson } from "./json-body.ts";
import { untilDone } from "./prefer.ts";

const partSchema = z.object({
  part: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "use a part's number")
    .transform(Number),
});

const services = (c: AppContext) => servicesOf(c.env, c.executionCtx);
const uploadOf = (c: AppContext) => readUpload(services(c), c.get("caller").tenant, c.req.param("id") ?? "");

export const uploads = new Hono<AppEnv>()
  .post("/", requireScope("checks:write"), async (c) => {
    const wanted = parseWith(createUploadSchema, await readJson(c));
    const upload = await openUpload(services(c), c.get("caller").tenant, wanted);
    c.header("location", `/v1/uploads/${upload.id}`);
    return c.json(upload, 201);
  })
  .all("/", onlyMethods("POST"))
  .get("/:id", requireScope("checks:write"), async (c) =>
    c.json(await uploadView(services(c), await uploadOf(c))),
  )
  .delete("/:id", requireScope("checks:write"), async (c) => {
    await removeUpload(services(c), await uploadOf(c));
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "DELETE"))
  .put("/:id/parts/:part", requireScope("checks:write"), async (c) => {
    const { part } = parseWith(partSchema, { part: c.req.param("part") });
    const { body, headers } = c.req.raw;
    await putPart(services(c), await uploadOf(c), part, body, declaredLength(headers));
    return c.body(null, 204);
  })
  .all("/:id/parts/:part", onlyMethods("PUT"))
  .post("/:id/complete", requireScope("checks:write"), async (c) => {
    const completed = await untilDone(c, completeUpload(services(c), await uploadOf(c)));
    return c.json(await uploadView(services(c), completed));
  })
  .all("/:id/complete", onlyMethods("POST"));
