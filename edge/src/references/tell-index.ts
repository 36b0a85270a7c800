// Brings to the index what the rows have decided of a library's references. Whoever asks the index about a library
// does so before, however much there is: a disabled reference must not take another one's place in a search.

import { MOST_CHANGES } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { changeEntries } from "../backend-client/entries.ts";
import { installationOf } from "../backend-client/index-identity.ts";
import { noteEpoch } from "../backend-client/store/index-expectation.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { noteTold, untoldChanges } from "./store/untold-changes.ts";

/** Of a request, which may make a thousand calls; the next one goes on. */
const MOST_PAGES = 100;

/** Problems: the backend's, and `index_unavailable` while there is more than one request can tell. */
export async function tellIndex(context: RequestContext, tenant: string, library: string): Promise<void> {
  const { config, bindings } = context;
  const installation = await installationOf(context);
  for (let page = 0; page < MOST_PAGES; page++) {
    const changes = await untoldChanges(bindings.DB, tenant, library, MOST_CHANGES);
    if (changes.length === 0) return;
    const { epoch } = await changeEntries(config, { installation, tenant, library, changes });
    await bindings.DB.batch([
      noteEpoch(bindings.DB, tenant, library, epoch),
      ...noteTold(bindings.DB, tenant, library, changes),
    ]);
    if (changes.length < MOST_CHANGES) return;
  }
  throw new ProblemError(
    "index_unavailable",
    "Many references of this library were changed, and the index is still being told; try again in a few seconds.",
  );
}
