import type { BackendReadiness } from "@twinframe/shared/contract";
import { backendReadiness } from "../backend-client/readiness.ts";
import { readInstallation } from "../backend-client/store/index-expectation.ts";
import { within } from "../platform/deadline.ts";
import { Remembered } from "../platform/remembered.ts";
import type { RequestContext } from "../platform/request-context.ts";

type Identity = Awaited<ReturnType<typeof readInstallation>>;

interface Readiness {
  backend: BackendReadiness | null;
  database: Identity | null;
}

/** By the whole; what a single library expects, each request about it says. */
function wrongIndex(
  { installation, claimed_at, ready }: Identity,
  index: BackendReadiness["index"] | undefined,
): string[] {
  if (claimed_at === null || ready === 0 || index?.installation === undefined) return [];
  if (index.installation === installation) return [];
  return ["the index is not the one of these references: see GET /v1/admin/index"];
}

/** Anyone may ask: the backend and the database are asked once in this time, by each isolate. */
const REMEMBERED_MS = 1000;
/** For who waits for the answer to another one's question, whose connection may end under it. */
const OTHERS_ANSWER_MS = 2000;

async function ask({ bindings, config }: RequestContext): Promise<Readiness> {
  const [backend, database] = await Promise.all([
    backendReadiness(config).catch(() => null),
    // Not `SELECT 1`: a database whose migrations are missing is not ready either.
    readInstallation(bindings.DB).catch(() => null),
  ]);
  return { backend, database };
}

const byConfiguration = new WeakMap<object, Remembered<Readiness>>();

function readiness(context: RequestContext): Promise<Readiness> {
  const { config } = context;
  const remembered = byConfiguration.get(config) ?? new Remembered<Readiness>(REMEMBERED_MS);
  byConfiguration.set(config, remembered);
  const { answer, isMine } = remembered.ask(() => ask(context));
  if (isMine) {
    // Also when its client has gone: others wait for it.
    context.defer(answer);
    return answer;
  }
  const silent = () => new Error("no answer");
  return within(answer, { ms: OTHERS_ANSWER_MS, expired: silent }).catch(() => ({
    backend: null,
    database: null,
  }));
}

const publicIndex = ({ installation: _, ...index }: BackendReadiness["index"]) => index;

/** As `GET /readyz` answers it. */
export async function readinessView(context: RequestContext) {
  const { backend, database } = await readiness(context);
  const reasons = [
    ...(database === null
      ? ["the database does not answer, or its migrations have not been applied"]
      : wrongIndex(database, backend?.index)),
    ...(backend === null ? ["the analysis service does not answer"] : backend.reasons),
  ];
  const ready = reasons.length === 0 && backend?.ready === true;
  const { model = null, execution_provider = null } = backend ?? {};
  return { ready, reasons, model, execution_provider, index: backend && publicIndex(backend.index) };
}
