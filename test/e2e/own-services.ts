// Services of one file's own, where it needs other settings or ends them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Services, type ServicesOptions, startServices } from "@twinframe/infra/local/services";
import { type Api, apiOf } from "./api.ts";
import { shared } from "./running.ts";

export interface OwnServices extends Services {
  api: Api;
}

/** The shared upstream may be fetched from. Disposing of them ends them and removes their state. */
export async function startOwnServices(
  options: Pick<ServicesOptions, "extraEdgeVars" | "extraBackendEnv"> = {},
): Promise<OwnServices & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-e2e-own-"));
  const clear = () => rm(folder, { recursive: true, force: true });
  try {
    const services = await startServices({
      ...options,
      stateDir: join(folder, "state"),
      extraEdgeVars: { INTAKE_ALLOWED_HOSTS: shared.upstreamHost, ...options.extraEdgeVars },
    });
    return {
      ...services,
      api: apiOf(services.edgeUrl, services.apiKey),
      [Symbol.asyncDispose]: async () => {
        await services.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}
