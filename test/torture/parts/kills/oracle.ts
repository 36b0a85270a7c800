// What clients have heard in one case, and whether the services still say so.

import type { RunningServices } from "../../services/running-services.ts";
import type { TinyClip } from "../../services/tiny-clips.ts";

export interface Known {
  clip: TinyClip;
  /** By what was acknowledged last; `unknown`: a request was cut off, and either may be. */
  state: "ready" | "disabled" | "deleted" | "unknown";
}

export interface KnownCheck {
  id: string;
  clip: TinyClip;
}

export class Oracle {
  readonly references = new Map<string, Known>();
  readonly checks: KnownCheck[] = [];
  /** References that were acknowledged, whatever became of them. */
  acknowledged = 0;

  readonly library: string;

  constructor(library: string) {
    this.library = library;
  }

  /** What is wrong now; null when nothing is. */
  async wrongReferences({ api }: RunningServices): Promise<string | null> {
    for (const [id, { state }] of this.references) {
      if (state === "unknown") continue;
      const answer = await api("GET", `/v1/references/${id}?library=${this.library}`);
      const seen = answer?.status === 404 ? "deleted" : answer?.body?.status;
      if (seen !== state)
        return `${id} was acknowledged as ${state} and is ${seen} (${answer?.body?.detail ?? ""})`;
    }
    return null;
  }

  /** A copy of an acknowledged reference must name it; one of a deleted or disabled one must not. */
  async wrongVerdicts({ api }: RunningServices, ids: Iterable<string>): Promise<string | null> {
    for (const id of ids) {
      const { clip, state } = this.references.get(id)!;
      if (state === "unknown") continue;
      const answer = await api("POST", `/v1/checks?library=${this.library}`, { bytes: clip.copy, wait: 60 });
      if (answer?.status !== 200) return `the check of a copy of ${id} answered ${answer?.status}`;
      const named = (answer.body.matches as { reference_id: string }[]).some(
        (match) => match.reference_id === id,
      );
      if (named !== (state === "ready"))
        return `a copy of ${id}, which is ${state}, got ${answer.body.verdict}`;
    }
    return null;
  }

  /** All references of the library as the service lists them: by content, each once. Null while one is indexing. */
  async listed({ api }: RunningServices): Promise<{ wrong: string | null; count: number } | null> {
    const answer = await api("GET", `/v1/references?library=${this.library}&limit=100`);
    if (answer?.status !== 200) return { wrong: `the list answered ${answer?.status}`, count: 0 };
    const rows = answer.body.data as { id: string; sha256: string; status: string }[];
    if (rows.some(({ status }) => status === "indexing")) return null;
    const contents = new Set(rows.map(({ sha256 }) => sha256));
    const ids = new Set(rows.map(({ id }) => id));
    const isDoubled = contents.size < rows.length || ids.size < rows.length;
    return { wrong: isDoubled ? "a reference is in the list twice" : null, count: rows.length };
  }
}
