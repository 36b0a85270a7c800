import { z } from "zod";

/**
 * What an API key may do. `admin` may do everything within its tenant; with `operator`, which only an operator
 * gives, it may maintain the whole installation.
 */
export const SCOPES = [
  "checks:write",
  "references:read",
  "references:write",
  "webhooks:manage",
  "libraries:manage",
  "admin",
  "operator",
] as const;
export const scopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof scopeSchema>;
