// Opens a URL that a user named: redirects by hand, every hop checked, nothing of the answer shown.

import { ProblemError } from "@twinframe/shared/problem";
import type { Configuration } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";
import { fetchOutbound } from "./outbound.ts";
import { fetchableUrl } from "./source-address.ts";
import { declaredLength, type OpenVideo, sourceFailed, sourceTimeout } from "./video-origin.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

function refuseStatus(status: number): void {
  if (status === 200) return;
  if (status >= 500) throw sourceFailed(`status ${status}`);
  throw new ProblemError(
    "source_rejected",
    `The address answered with status ${status}. Give a URL that delivers the video without a login.`,
  );
}

export async function openUrl(
  text: string,
  { intake, outbound }: Pick<Configuration, "intake" | "outbound">,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<OpenVideo> {
  const abort = new AbortController();
  const close = () => abort.abort();
  let url = fetchableUrl(text, intake.allowedHosts);
  try {
    for (let redirects = 0; ; redirects++) {
      const response = await within(
        fetchOutbound(outbound, url, intake.allowedHosts, {
          method: "GET",
          signal: abort.signal,
          headers: {
            accept: "video/*, application/octet-stream;q=0.9, */*;q=0.5",
            "accept-encoding": "identity",
          },
        }).catch((error) => {
          throw error instanceof ProblemError ? error : sourceFailed(error);
        }),
        { ms: Math.min(intake.idleTimeoutMs, deadlineMs - Date.now()), expired: sourceTimeout, signal },
      );
      const location = response.headers.get("location");
      if (!REDIRECTS.includes(response.status) || location === null) {
        refuseStatus(response.status);
        const declaredBytes = declaredLength(response.headers);
        const faults = { timedOut: sourceTimeout, broken: sourceFailed };
        return { body: response.body, declaredBytes, isUpload: false, ...faults, close };
      }
      await response.body?.cancel();
      if (redirects === MAX_REDIRECTS) {
        throw new ProblemError(
          "too_many_redirects",
          `The address redirects more than ${MAX_REDIRECTS} times. Give the URL where the video is.`,
        );
      }
      url = fetchableUrl(location, intake.allowedHosts, url);
    }
  } catch (error) {
    close();
    throw error;
  }
}
