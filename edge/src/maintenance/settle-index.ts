// Makes the index that is there the one that the rows expect: after it was compared with them, or because an operator
// takes it as it is.

import type { IndexOverview } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { installationOf } from "../backend-client/index-identity.ts";
import { assignIndex, indexOverview } from "../backend-client/maintenance.ts";
import { expectAsIs } from "../backend-client/store/index-expectation.ts";
import type { RequestContext } from "../platform/request-context.ts";

export const nameOfOwner = (installation: string | null) => installation ?? "nobody";

/** What it lacks is refused from then on, library by library, unless `acceptMissing`. */
export async function settleIndex(
  context: RequestContext,
  { acceptMissing }: { acceptMissing: boolean },
  overview?: IndexOverview,
): Promise<void> {
  const { config, bindings } = context;
  const installation = await installationOf(context);
  const there = overview ?? (await indexOverview(config));
  // The expectations first: until it is assigned, another's index answers nothing.
  await expectAsIs(bindings.DB, there.libraries, acceptMissing, new Date().toISOString());
  if (there.installation !== installation)
    await assignIndex(config, { installation, replaces: there.installation });
}

/** Throws `index_not_adopted` where the index is another installation's; what is nobody's may be filled. */
export async function requireOwnIndex(context: RequestContext, overview: IndexOverview): Promise<void> {
  const { installation } = overview;
  if (installation === null || installation === (await installationOf(context))) return;
  throw new ProblemError(
    "index_not_adopted",
    `The index is of the installation ${installation}. Put the right one back; or make it this one's, and lose what ` +
      `it has of others: {"kind": "reconcile", "repair": true, "adopt": "${installation}"}.`,
  );
}
