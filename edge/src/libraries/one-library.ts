// What is alike in the routes of a single library.

import { nameSchema, versionedPolicySchema } from "@twinframe/shared/contract";
import { z } from "zod";

export const oneLibrary = { request: { params: z.object({ name: nameSchema }) } };
export const policy = versionedPolicySchema.meta({ id: "Policy" });
