import type { Context } from "hono";
import type { Env } from "../env.ts";
import type { Caller } from "../keys/caller.ts";

export interface AppEnv {
  Bindings: Env;
  Variables: { requestId: string; caller: Caller; problemCode: string | undefined };
}

export type AppContext = Context<AppEnv>;
