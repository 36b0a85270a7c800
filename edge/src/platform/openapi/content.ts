// Bodies and headers as routes say them.

import { z } from "zod";

export const json = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } });

/** Validated before the handler; at most 64 KiB. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: json(schema),
});

/** May be left out: then it is validated as if it were `{}`. */
export const optionalJsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: false,
  content: json(schema),
});

/** Response headers that are always there, beside `x-request-id`: name → what it says. */
export const headers = (texts: Record<string, string>) =>
  z.object(
    Object.fromEntries(
      Object.entries(texts).map(([name, description]) => [name, z.string().meta({ description })]),
    ),
  );

export const idParams = z.object({ id: z.string() });

/** Of what was accepted, and is done after the answer. */
export const whereToAsk = (location: string) =>
  headers({ location, "retry-after": "Seconds until asking makes sense." });
