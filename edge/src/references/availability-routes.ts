// Out of all verdicts, and back.

import type { ReferenceKey } from "@twinframe/shared/contract";
import { needs } from "../auth/access.ts";
import { auditDone } from "../auth/audit.ts";
import type { AppContext } from "../platform/http/http-types.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { switchReference } from "./availability.ts";
import { etagOf } from "./etag.ts";
import { oneReference, referenceWithEtag } from "./one-reference.ts";
import { referenceView } from "./view.ts";

async function switched(c: AppContext, key: ReferenceKey, disabled: boolean) {
  const row = await switchReference(contextOf(c), key, disabled);
  const action = disabled ? "reference.disable" : "reference.enable";
  await auditDone(c.env.DB, { by: c.get("caller"), action, subject: key });
  c.header("etag", await etagOf(row));
  return c.json(referenceView(row), 200);
}

export const referenceAvailability = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/references/{id}/disable",
      operationId: "disableReference",
      tags: ["References"],
      summary: "Take a reference out of all verdicts",
      description: "From the next check on, and until it is enabled. Nothing is deleted.",
      ...needs("references:write"),
      ...oneReference,
      responses: { 200: referenceWithEtag },
      problems: ["reference_not_found"],
    }),
    (c) => switched(c, { tenant: tenantOf(c), ...c.req.valid("query"), ...c.req.valid("param") }, true),
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/references/{id}/enable",
      operationId: "enableReference",
      tags: ["References"],
      summary: "Bring a disabled reference back",
      ...needs("references:write"),
      ...oneReference,
      responses: { 200: referenceWithEtag },
      problems: ["reference_not_found"],
    }),
    (c) => switched(c, { tenant: tenantOf(c), ...c.req.valid("query"), ...c.req.valid("param") }, false),
  );
