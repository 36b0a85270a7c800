// What a route takes stands with its registration: `schema: { params, body, querystring }` in zod, typed in the handler
// by fastify-type-provider-zod. It is judged after the signature.

import { problemOfZodError } from "@twinframe/shared/problem";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

/** Of routes whose `:id` may be any text. */
export const idParams = z.object({ id: z.string() });

/** To be called before routes with schemas are registered. What does not fit leaves as `invalid_request`. */
export function requestSchemas(app: FastifyInstance): void {
  // Not the library's compiler: its errors have lost the JSON pointers (RFC 6901) of the fields.
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : { error: problemOfZodError(parsed.error) };
  });
}

export const withSchemas = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>();
