import type { Context } from "hono";
import type { Env } from "../env.ts";
import type { Caller } from "./caller.ts";

/** Hears the SHA-256 of all bytes before the object is confirmed; what it throws ends the intake. */
export type NoteBody = (sha256: string) => Promise<void>;

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
