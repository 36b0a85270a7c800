import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { createFakeBackend } from "./fake-backend.ts";
import { createFakeBucket } from "./fake-bucket.ts";
import { createReceiver } from "./receiver.ts";
import { SIGNING_SECRET } from "./settings.ts";
import { createUpstream } from "./upstream.ts";

async function listen(server: Server): Promise<string> {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export default async function setUp(project: TestProject) {
  const servers = [createFakeBackend(SIGNING_SECRET), createUpstream(), createReceiver(), createFakeBucket()];
  const [backendHost, upstreamHost, receiverHost, bucketHost] = await Promise.all(servers.map(listen));
  project.provide("backendHost", backendHost!);
  project.provide("upstreamHost", upstreamHost!);
  project.provide("receiverHost", receiverHost!);
  project.provide("bucketHost", bucketHost!);
  return () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
}

declare module "vitest" {
  interface ProvidedContext {
    backendHost: string;
    upstreamHost: string;
    receiverHost: string;
    bucketHost: string;
  }
}
