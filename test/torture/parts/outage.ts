import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveFiles } from "@twinframe/infra/local/demo/file-server";
import { readDatabase, storedObjects, writeDatabase } from "../../e2e/stored-state.ts";
import type { CaseResult, Part } from "../part.ts";
import { eventually, type RunningServices, runServices } from "../services/running-services.ts";
import { tinyClips } from "../services/tiny-clips.ts";
import { moveClock } from "./outage/move-clock.ts";

const HOUR_MS = 3600_000;
/** What an accepted check is worth (CHECK_GIVE_UP_HOURS). */
const CHECK_LIFE_MS = 24 * HOUR_MS;
const REFERENCES = 3;
const WITHIN_MS = 40_000;
/** More than any number of retries that a queue has. */
const FAILED_BEFORE = 120;

/** How often the library's open work has failed, the least of it. */
function leastFailures({ stateDir }: RunningServices, library: string): number {
  const sql = `SELECT MIN(failures) AS least FROM (
    SELECT failures FROM library_references WHERE library = ?1 AND status = 'indexing' AND id LIKE 'r_'
    UNION ALL SELECT failures FROM checks WHERE library = ?1 AND status IN ('queued', 'running'))`;
  return readDatabase<{ least: number | null }>(stateDir, sql, library)[0]?.least ?? Number.POSITIVE_INFINITY;
}

export const part: Part = {
  name: "outage",
  about:
    "the backend is away for hours to weeks (the clock is moved), the edge is killed meanwhile; failed: accepted work is lost",
  cases: 40,
  slice: 1,
  async open(context) {
    const files = await serveFiles();
    const services = await runServices(context, { INTAKE_ALLOWED_HOSTS: files.host });
    const { api, stateDir, edge, backend } = services;

    async function accept(library: string, path: string, ask: object): Promise<string> {
      const answer = await api("POST", path, { wait: 0, ...ask });
      if (answer?.status !== 202) throw new Error(`${path} answered ${answer?.status}`);
      return answer.body.id ?? library;
    }

    return {
      async run(index, random, signal): Promise<CaseResult> {
        const library = `outage-${index}`;
        const awayMs = Math.round(HOUR_MS * 2 * 360 ** random());
        const isLong = awayMs > CHECK_LIFE_MS;
        const kind = isLong ? "longer than a day" : "up to a day";
        const wrong = (detail: string): CaseResult => ({ kind, held: false, detail });
        const hours = `${Math.round(awayMs / HOUR_MS)} h`;
        const clips = await tinyClips(context.folder, context.seed, library, REFERENCES + 2);
        // A case that failed may have left it dead.
        if ((await api("GET", "/livez")) === null) await edge.restart();
        await backend.kill();
        const ids = Array.from({ length: REFERENCES }, (_, i) => `r${i}`);
        for (const [i, id] of ids.entries()) {
          const path = `/v1/references?library=${library}&id=${id}`;
          await accept(library, path, { bytes: clips[i]!.original });
        }
        const checkPath = `/v1/checks?library=${library}&index=if_unique&reference_id=checked`;
        const checkId = await accept(library, checkPath, { bytes: clips[REFERENCES]!.original });
        const imported = join(context.folder, `${library}.mp4`);
        writeFileSync(imported, clips[REFERENCES + 1]!.original);
        const line = JSON.stringify({ url: files.urlOf(imported), id: "imported" });
        const bytes = new TextEncoder().encode(line);
        const headers = { "content-type": "application/x-ndjson" };
        const importId = await accept(library, `/v1/imports?library=${library}`, { bytes, headers });

        const failMore = async (least: number) => {
          await services.sweep();
          const has = async () => leastFailures(services, library) >= least;
          return (await eventually(has, WITHIN_MS, signal)) !== null;
        };
        if (!(await failMore(1))) return wrong("accepted work was not tried");
        await edge.kill();
        moveClock(stateDir, awayMs);
        const failed = `SET failures = ${FAILED_BEFORE} WHERE library = ?`;
        writeDatabase(stateDir, `UPDATE library_references ${failed} AND status = 'indexing'`, library);
        writeDatabase(stateDir, `UPDATE checks ${failed} AND status IN ('queued', 'running')`, library);
        await edge.restart();
        if (!(await failMore(FAILED_BEFORE + 1))) return wrong("work was not tried again after its time");
        const objects = storedObjects(stateDir).filter((key) => key.startsWith("intake/job_"));
        if (objects.length < REFERENCES) return wrong(`after ${hours} the objects of references are gone`);
        const open = (await api("GET", `/v1/checks/${checkId}`))?.body;
        if (open?.status !== (isLong ? "failed" : "running"))
          return wrong(`after ${hours} the check is ${open?.status}`);

        await backend.restart();
        await services.sweep();
        for (const [i, id] of [...ids, "imported"].entries()) {
          const path = `/v1/references/${id}?library=${library}`;
          const isReady = async () => (await api("GET", path))?.body?.status === "ready";
          if ((await eventually(isReady, WITHIN_MS, signal)) === null)
            return wrong(`after ${hours} ${id} is ${JSON.stringify((await api("GET", path))?.body)}`);
          const { copy } = clips[id === "imported" ? REFERENCES + 1 : i]!;
          const check = await api("POST", `/v1/checks?library=${library}`, { bytes: copy, wait: 60 });
          if (check?.body?.duplicate_for !== id) return wrong(`a copy of ${id} got ${check?.body?.verdict}`);
        }
        const isCounted = async () => (await api("GET", `/v1/imports/${importId}`))?.body?.done === 1;
        if ((await eventually(isCounted, WITHIN_MS, signal)) === null)
          return wrong("the import does not end");
        const check = async () => {
          const { body } = (await api("GET", `/v1/checks/${checkId}`)) ?? {};
          return body?.status === "running" ? null : body;
        };
        const ended = await eventually(check, WITHIN_MS, signal);
        const isRight = isLong
          ? ended?.problem?.code === "backend_unavailable"
          : ended?.indexed_as === "checked";
        return isRight ? { kind, held: true } : wrong(`after ${hours} the check is ${JSON.stringify(ended)}`);
      },
      async close() {
        files.close();
        await services.close();
      },
    };
  },
};
