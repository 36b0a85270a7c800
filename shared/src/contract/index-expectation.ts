// What the edge's rows expect of the index: every request that reads or writes it says so, and is refused with
// `index_unavailable` by an index that is another installation's, or older, or lacks references.

import { z } from "zod";

const count = z.int().min(0);

/** Made once, with the edge's database. */
export const installationSchema = z.string().regex(/^[0-9a-f]{32}$/);

export const indexExpectationSchema = z.strictObject({
  installation: installationSchema,
  /** Of the library asked about. Only work that fills an index does without: it may be behind, not another's. */
  library: z
    .strictObject({
      /** The highest that the index has told (`IndexedAt`). */
      epoch: count,
      /** Those in the index: as many at least. */
      references: count,
    })
    .optional(),
  /** All references of the installation, while an index that is nobody's may become its own. */
  unclaimed: count.optional(),
});
export type IndexExpectation = z.infer<typeof indexExpectationSchema>;

/** What a write answers: how often the library has been written since. */
export const indexedAtSchema = z.object({ epoch: count });
export type IndexedAt = z.infer<typeof indexedAtSchema>;
