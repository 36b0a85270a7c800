import type { JobMessage } from "./queue/messages.ts";
import type { Settings } from "./settings.ts";

/** What the runtime binds to the Worker. Each Durable Object's binding is declared beside its class. */
export interface Bindings {
  DB: D1Database;
  OBJECTS: R2Bucket;
  VERDICTS: KVNamespace;
  JOBS: Queue<JobMessage>;
  WEBHOOKS: Queue<JobMessage>;
  /** A client certificate for the backend, or a way to it that is not public; the usual fetch where there is none. */
  BACKEND?: Fetcher;
}

/** The bindings and, as text, the settings. */
export type Env = Bindings & Partial<Record<keyof Settings, string>>;
