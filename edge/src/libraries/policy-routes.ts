import { policyInputSchema, policyTrialResultSchema, policyTrialSchema } from "@twinframe/shared/contract";
import { needs } from "../auth/access.ts";
import { auditDone } from "../auth/audit.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { Api } from "../platform/openapi/api.ts";
import { json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { putPolicy, readLibrary } from "./manage.ts";
import { oneLibrary, policy } from "./one-library.ts";
import { DEFAULT_VERSIONED } from "./policy.ts";
import { tryPolicy } from "./trial.ts";

const POLICY = `By modality, from which evidence on a verdict is given (\`visual\`), and what each verdict asks for
(\`actions\`), which a check answers as \`action\`. Identical files and identical coded pictures are duplicates
whatever the thresholds. \`duplicate_reference_coverage\` above 0 makes a duplicate of a short stretch a partial copy.`;

export const policies = new Api()
  .serve(
    createRoute({
      method: "get",
      path: "/v1/libraries/{name}/policy",
      operationId: "getPolicy",
      tags: ["Libraries"],
      summary: "The policy that a library's checks are judged by",
      ...needs("libraries:manage"),
      ...oneLibrary,
      responses: { 200: { description: "The policy.", content: json(policy) } },
      problems: ["library_not_found"],
    }),
    async (c) => {
      const key = { tenant: tenantOf(c), ...c.req.valid("param") };
      return c.json((await readLibrary(contextOf(c), key)).policy, 200);
    },
  )
  .serve(
    createRoute({
      method: "put",
      path: "/v1/libraries/{name}/policy",
      operationId: "putPolicy",
      tags: ["Libraries"],
      summary: "Give a library its policy",
      description: `${POLICY} What is left out is as in the default policy. It holds for checks from now on.`,
      ...needs("libraries:manage"),
      request: { ...oneLibrary.request, body: jsonBody(policyInputSchema) },
      responses: { 200: { description: "The whole policy, with its new version.", content: json(policy) } },
      problems: ["library_not_found"],
    }),
    async (c) => {
      const key = { tenant: tenantOf(c), ...c.req.valid("param") };
      const saved = await putPolicy(contextOf(c), key, c.req.valid("json"));
      const subject = { tenant: key.tenant, library: key.name, policy: saved };
      await auditDone(c.env.DB, { by: c.get("caller"), action: "policy.save", subject });
      return c.json(saved, 200);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/libraries/{name}/policy/trial",
      operationId: "tryPolicy",
      tags: ["Libraries"],
      summary: "Try a policy on recent checks before it is saved",
      description:
        "What it would have said of the latest completed checks, from the evidence that is kept with each. Nothing " +
        "is changed. Checks answered by identical bytes or packets stay what they are.",
      ...needs("libraries:manage"),
      request: { ...oneLibrary.request, body: jsonBody(policyTrialSchema) },
      responses: {
        200: {
          description: "What would have changed.",
          content: json(policyTrialResultSchema.meta({ id: "PolicyTrial" })),
        },
      },
      problems: ["library_not_found"],
    }),
    async (c) => {
      const key = { tenant: tenantOf(c), ...c.req.valid("param") };
      return c.json(await tryPolicy(contextOf(c), key, c.req.valid("json")), 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/policies/default",
      operationId: "getDefaultPolicy",
      tags: ["Libraries"],
      summary: "The policy of libraries that have none of their own",
      description: POLICY,
      ...needs("libraries:manage"),
      responses: { 200: { description: "The policy.", content: json(policy) } },
    }),
    (c) => c.json(DEFAULT_VERSIONED, 200),
  );
