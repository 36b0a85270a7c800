// The load balancer's rules, by HAProxy itself in front of servers that say their names.

import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isHaproxyInstalled, startHaproxy } from "./running-haproxy.ts";

/** As a backend answers: with its name in place of work. */
class NamedServer {
  readonly server: Server;
  /** Paths that it was asked to work on. */
  readonly asked: string[] = [];
  readonly held: ServerResponse[] = [];
  draining = false;
  checkedWhileDraining = 0;

  readonly name: string;

  constructor(name: string) {
    this.name = name;
    this.server = createServer((request, response) => {
      const path = request.url!;
      if (path === "/readyz") {
        if (this.draining) this.checkedWhileDraining++;
        return void response.writeHead(this.draining ? 503 : 200).end(this.name);
      }
      request.resume().on("end", () => {
        if (this.draining) return response.writeHead(503, { "retry-after": "2" }).end("stopping");
        this.asked.push(path);
        if (path.endsWith("?hold")) return this.held.push(response);
        response.end(this.name);
      });
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((later) => setTimeout(later, 20));
}

describe.skipIf(!isHaproxyInstalled())("HAProxy (skipped where it is not on the PATH)", () => {
  const servers = ["a", "b", "c"].map((name) => new NamedServer(name));
  let url = "";
  let stop: () => void = () => {};

  beforeAll(async () => {
    for (const { server } of servers) await once(server.listen(0, "127.0.0.1"), "listening");
    const haproxy = await startHaproxy(Object.fromEntries(servers.map(({ name, port }) => [name, port])));
    ({ url, stop } = haproxy);
  });
  afterAll(() => {
    stop();
    for (const { server } of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const ask = async (path: string, affinity?: string, method = "PUT") => {
    const headers = affinity === undefined ? {} : { "x-twinframe-affinity": affinity };
    const response = await fetch(url + path, {
      method,
      headers,
      ...(method === "PUT" ? { body: "{}" } : {}),
    });
    return response.ok ? response.text() : `${response.status}`;
  };
  const ids = Array.from({ length: 30 }, (_, i) => `chk_${i}`);
  const homesOf = async (some: string[]) =>
    new Map(await Promise.all(some.map(async (id) => [id, await ask(`/internal/analyses/${id}`)] as const)));

  test("HAProxy routes requests about one analysis to one backend, and spreads analyses over backends", async () => {
    const homes = await homesOf(ids);
    expect(new Set(homes.values())).toEqual(new Set(["a", "b", "c"]));
    for (const [id, home] of homes)
      for (const method of ["PUT", "GET", "DELETE"])
        expect(await ask(`/internal/analyses/${id}`, undefined, method)).toBe(home);
  });

  test("HAProxy routes checks that may index by their library, not their id", async () => {
    for (const library of ["acme/default", "acme/films", "other/default"]) {
      const homes = await Promise.all(ids.slice(0, 8).map((id) => ask(`/internal/analyses/${id}`, library)));
      expect(new Set(homes).size).toBe(1);
    }
  });

  test("HAProxy sends short requests to the least loaded backend", async () => {
    const path = "/internal/tenants/t/libraries/l/references/r";
    const holding = [0, 1].map(() => ask(`${path}?hold`, undefined, "DELETE"));
    await until(() => servers.flatMap(({ held }) => held).length === 2);
    const busy = servers.filter(({ held }) => held.length > 0);
    expect(busy).toHaveLength(2);
    for (let i = 0; i < 6; i++)
      expect(busy.map(({ name }) => name)).not.toContain(await ask(path, undefined, "DELETE"));
    for (const { held } of servers) for (const response of held.splice(0)) response.end("held");
    expect(await Promise.all(holding)).toEqual(["held", "held"]);
  });

  test("HAProxy passes a changing request's nonce once over all backends, and reads without limit", async () => {
    const send = async (method: string, nonce: string, affinity: string) => {
      const headers = { "x-twinframe-nonce": nonce, "x-twinframe-affinity": affinity };
      return (await fetch(`${url}/internal/analyses/chk_once`, { method, headers })).status;
    };
    for (const method of ["PUT", "DELETE"]) {
      const nonce = `${method}-0123456789`.padEnd(22, "x");
      const statuses = [await send(method, nonce, "acme/a")];
      for (const library of ["acme/a", "acme/b", "acme/c", "other/a"])
        statuses.push(await send(method, nonce, library));
      expect(statuses).toEqual([200, 409, 409, 409, 409]);
      expect(await send(method, nonce.replace("x", "y"), "acme/a")).toBe(200);
    }
    for (let i = 0; i < 3; i++) expect(await send("GET", "GET-0123456789abcdefxx", "acme/a")).toBe(200);
  });

  test("HAProxy exposes neither /metrics nor unknown paths", async () => {
    for (const path of ["/metrics", "/", "/internal"]) expect(await ask(path, undefined, "GET")).toBe("404");
  });

  test("HAProxy moves the work of a draining backend alone, and then of one that is gone", async () => {
    const before = await homesOf(ids);
    const [a, b] = servers as [NamedServer, NamedServer];
    a.draining = true;
    const onlyItsOwnMoved = (now: Map<string, string>) => {
      for (const [id, home] of now) {
        if (before.get(id) === "a") expect(["b", "c"]).toContain(home);
        else expect(home).toBe(before.get(id));
      }
    };
    onlyItsOwnMoved(await homesOf(ids));
    // Each of the three groups of servers looks twice before it believes it.
    await until(() => a.checkedWhileDraining >= 6);
    const settled = await homesOf(ids);
    onlyItsOwnMoved(settled);
    expect(await homesOf(ids)).toEqual(settled);

    b.server.closeAllConnections();
    b.server.close();
    const after = await homesOf(ids);
    expect(new Set(after.values())).toEqual(new Set(["c"]));
    expect(await ask("/internal/tenants/t/libraries/l/references/r", undefined, "DELETE")).toBe("c");
  });
});
