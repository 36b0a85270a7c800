import type { Configuration } from "./configuration.ts";
import type { Bindings, Env } from "./env.ts";
import { parseConfiguration } from "./parse-configuration.ts";
import { logFailure } from "./telemetry/log.ts";

/** What every operation works with: the bindings, the settings, and work that may outlive the response. */
export interface RequestContext {
  bindings: Bindings;
  config: Configuration;
  defer(work: Promise<unknown>): void;
}

const configurations = new WeakMap<object, Configuration>();

export function requestContextOf(env: Env, context: Pick<ExecutionContext, "waitUntil">): RequestContext {
  let config = configurations.get(env);
  if (config === undefined) {
    config = parseConfiguration(env as unknown as Record<string, unknown>);
    configurations.set(env, config);
  }
  return {
    bindings: env,
    config,
    defer: (work) => context.waitUntil(work.catch((error) => logFailure("deferred work failed", {}, error))),
  };
}
