import { z } from "zod";

/** What an API key may do. `admin` may do everything within its tenant. */
export const SCOPES = [
  "checks:write",
  "references:read",
  "references:write",
  "webhooks:manage",
  "libraries:manage",
  "admin",
] as const;
export const scopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof scopeSchema>;
