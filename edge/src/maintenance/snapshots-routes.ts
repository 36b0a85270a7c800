// Snapshots of the index. For operators.

import { confirmSchema, snapshotIdSchema, snapshotListSchema } from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { audited } from "../auth/audit.ts";
import { deleteSnapshot, listSnapshots } from "../backend-client/maintenance.ts";
import { contextOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { requireConfirmation } from "./confirm.ts";
import { refuseWhileFilling } from "./job-conflicts.ts";

export const adminSnapshots = new Api()
  .serve(
    createRoute({
      method: "get",
      path: "/v1/admin/index/snapshots",
      operationId: "listSnapshots",
      tags: ["Maintenance"],
      summary: "Snapshots of the index",
      ...needs("admin", { operator: true }),
      responses: { 200: { description: "All of them.", content: json(snapshotListSchema) } },
      problems: ["index_unavailable"],
    }),
    async (c) => c.json({ snapshots: await listSnapshots(contextOf(c).config) }, 200),
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/admin/index/snapshots/{id}",
      operationId: "deleteSnapshot",
      tags: ["Maintenance"],
      summary: "Delete a snapshot",
      ...needs("admin", { operator: true }),
      request: { params: z.object({ id: snapshotIdSchema }), body: jsonBody(confirmSchema) },
      responses: { 204: { description: "Deleted." } },
      problems: ["index_unavailable", "snapshot_not_found", "confirmation_missing", "job_in_the_way"],
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      requireConfirmation(c.req.valid("json").confirm, id);
      await refuseWhileFilling(c.env.DB);
      const { config } = contextOf(c);
      const action = { by: c.get("caller"), action: "snapshot.delete", subject: { snapshot: id } };
      await audited(c.env.DB, action, () => deleteSnapshot(config, id));
      return c.body(null, 204);
    },
  );
