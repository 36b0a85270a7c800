import type { Configuration } from "../platform/configuration.ts";
import { isS3Address, s3Object } from "./s3-address.ts";
import { fetchableUrl } from "./source-address.ts";

/** Throws the problem that an address would meet at intake, before anything is fetched. */
export function refuseAddress(text: string, config: Configuration, tenant: string): void {
  if (isS3Address(text)) s3Object(text, config, tenant);
  else fetchableUrl(text, config.intake.allowedHosts);
}
