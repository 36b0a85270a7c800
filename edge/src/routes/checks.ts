import { checkOptionsSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { Hono } from "hono";
import { recallExplanation } from "../checks/explanation.ts";
import { submitCheck } from "../checks/submit.ts";
import { completedView, rowView, unfinishedView } from "../checks/view.ts";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { servicesOf } from "../services.ts";
import { findCheck } from "../stores/checks.ts";
import { preferredWaitMs, untilDone } from "./prefer.ts";
import { readSubmissionOrHash } from "./submission.ts";

export const checks = new Hono<AppEnv>()
  .post("/", requireScope("checks:write"), async (c) => {
    const { options, origin } = await readSubmissionOrHash(c, checkOptionsSchema);
    const submission = {
      ...{ options, origin },
      tenant: c.get("caller").tenant,
      waitMs: preferredWaitMs(c),
      requestId: c.get("requestId"),
    };
    const outcome = await untilDone(c, submitCheck(servicesOf(c.env, c.executionCtx), submission));
    if (outcome.kind === "completed") return c.json(completedView(outcome.completed));
    c.header("location", `/v1/checks/${outcome.job.id}`);
    c.header("retry-after", "1");
    return c.json(unfinishedView(outcome.job), 202);
  })
  .all("/", onlyMethods("POST"))
  // There is no scope of its own for reading: who may ask may read the answer.
  .get("/:id", requireScope("checks:write"), async (c) => {
    const id = c.req.param("id");
    const row = await findCheck(c.env.DB, id);
    if (row === null || row.tenant !== c.get("caller").tenant) {
      throw new ProblemError("check_not_found", `There is no check "${id}". Use the id that its POST gave.`);
    }
    if (row.status === "queued" || row.status === "running") c.header("retry-after", "1");
    return c.json(rowView(row, await recallExplanation(c.env.OBJECTS, row)));
  })
  .all("/:id", onlyMethods("GET"));
