// Which installation this is: the same for as long as its database lives, so it is read once.

import type { Configuration } from "../platform/configuration.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { readInstallation } from "./store/index-expectation.ts";

const known = new WeakMap<Configuration, Promise<string>>();

export function installationOf({
  config,
  bindings,
}: Pick<RequestContext, "config" | "bindings">): Promise<string> {
  const before = known.get(config);
  if (before !== undefined) return before;
  const reading = readInstallation(bindings.DB).then(({ installation }) => installation);
  known.set(config, reading);
  reading.catch(() => known.delete(config));
  return reading;
}
