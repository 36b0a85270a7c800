import {
  createLibrarySchema,
  librarySchema,
  nameSchema,
  patchLibrarySchema,
  policyInputSchema,
  policyTrialResultSchema,
  policyTrialSchema,
  versionedPolicySchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery, pageSchema } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";

const tag = "Libraries";
const scope = "libraries:manage";
const library = librarySchema.meta({ id: "Library" });
const policy = versionedPolicySchema.meta({ id: "Policy" });
const parameters = z.object({ name: nameSchema });

const POLICY = `By modality, from which evidence on a verdict is given (\`visual\`), and what each verdict asks for
(\`actions\`), which a check answers as \`action\`. Identical files and identical coded pictures are duplicates
whatever the thresholds. \`duplicate_reference_coverage\` above 0 makes a duplicate of a short stretch a partial copy.`;

export const LIBRARY_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/libraries",
    id: "createLibrary",
    tag,
    scope,
    summary: "Create a library",
    description:
      "Not needed to add references or to check: a library comes into being with its first reference.",
    body: { "application/json": createLibrarySchema },
    answers: { 201: { description: "Created.", schema: library, headers: { location: "The library." } } },
    problems: ["library_exists"],
  },
  {
    method: "get",
    path: "/v1/libraries",
    id: "listLibraries",
    tag,
    scope,
    summary: "Libraries by name, with how many references they have",
    query: z.object(pageQuery),
    answers: { 200: { description: "A page.", schema: pageSchema(library) } },
  },
  {
    method: "get",
    path: "/v1/libraries/{name}",
    id: "getLibrary",
    tag,
    scope,
    parameters,
    summary: "A library",
    answers: { 200: { description: "The library.", schema: library } },
    problems: ["library_not_found"],
  },
  {
    method: "patch",
    path: "/v1/libraries/{name}",
    id: "updateLibrary",
    tag,
    scope,
    parameters,
    summary: "Describe a library",
    body: { "application/json": patchLibrarySchema },
    answers: { 200: { description: "The library.", schema: library } },
    problems: ["library_not_found"],
  },
  {
    method: "delete",
    path: "/v1/libraries/{name}",
    id: "deleteLibrary",
    tag,
    scope,
    parameters,
    summary: "Delete an empty library",
    description: "The default library stays, without its description and with the default policy.",
    answers: { 204: { description: "Deleted." } },
    problems: ["library_not_found", "library_not_empty"],
  },
  {
    method: "get",
    path: "/v1/libraries/{name}/policy",
    id: "getPolicy",
    tag,
    scope,
    parameters,
    summary: "The policy that a library's checks are judged by",
    answers: { 200: { description: "The policy.", schema: policy } },
    problems: ["library_not_found"],
  },
  {
    method: "put",
    path: "/v1/libraries/{name}/policy",
    id: "putPolicy",
    tag,
    scope,
    parameters,
    summary: "Give a library its policy",
    description: `${POLICY} What is left out is as in the default policy. It holds for checks from now on.`,
    body: { "application/json": policyInputSchema },
    answers: { 200: { description: "The whole policy, with its new version.", schema: policy } },
    problems: ["library_not_found"],
  },
  {
    method: "post",
    path: "/v1/libraries/{name}/policy/trial",
    id: "tryPolicy",
    tag,
    scope,
    parameters,
    summary: "Try a policy on recent checks before it is saved",
    description:
      "What it would have said of the latest completed checks, from the evidence that is kept with each. Nothing " +
      "is changed. Checks answered by identical bytes or packets stay what they are.",
    body: { "application/json": policyTrialSchema },
    answers: {
      200: {
        description: "What would have changed.",
        schema: policyTrialResultSchema.meta({ id: "PolicyTrial" }),
      },
    },
    problems: ["library_not_found"],
  },
  {
    method: "post",
    path: "/v1/libraries/{name}/cache/purge",
    id: "purgeLibraryCache",
    tag,
    scope,
    parameters,
    summary: "Forget a library's cached verdicts",
    answers: { 204: { description: "Forgotten: the next check of each video is analysed anew." } },
    problems: ["library_not_found"],
  },
  {
    method: "get",
    path: "/v1/policies/default",
    id: "getDefaultPolicy",
    tag,
    scope,
    summary: "The policy of libraries that have none of their own",
    description: POLICY,
    answers: { 200: { description: "The policy.", schema: policy } },
  },
];
