import type { Context } from "hono";
import type { Caller } from "../../auth/caller.ts";
import type { NoteBody } from "../../ingest/video-origin.ts";
import type { Env } from "../env.ts";

export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    caller: Caller;
    problemCode: string | undefined;
    /** To be told the SHA-256 of a video that came as the request's body, before anything is done with it. */
    noteBody: NoteBody | undefined;
  };
}

export type AppContext = Context<AppEnv>;
