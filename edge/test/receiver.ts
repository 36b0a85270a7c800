// A receiver of webhooks as a real HTTP server. What it answers at /hook/NAME is planned by the tests, step by
// step, the last step for ever; what it got, in which form, it tells.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export interface Step {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Instead of a body: so many bytes, or for ever when it is left open. */
  bytes?: number;
  /** `hang`: no answer; `hang_body`: an answer that does not end; `reset`: the connection breaks; `held`: an
   * answer once it is released. */
  how?: "hang" | "hang_body" | "reset" | "held";
}

export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function createReceiver(): Server {
  const plans = new Map<string, Step[]>();
  const seen = new Map<string, Received[]>();
  const held = new Map<string, (() => void)[]>();
  const seenBy = (name: string) => seen.get(name) ?? [];

  function answer(name: string, response: ServerResponse) {
    const plan = plans.get(name) ?? [{}];
    const step = plan[Math.min(seenBy(name).length, plan.length) - 1]!;
    const { status = 200, headers = {}, body = "", bytes, how } = step;
    if (how === "hang") return;
    if (how === "reset") return void response.destroy();
    const finish = () => {
      response.writeHead(status, headers);
      if (bytes !== undefined) response.write(Buffer.alloc(bytes, "x"));
      if (how === "hang_body") return void response.write("begun");
      response.end(body);
    };
    if (how !== "held") return finish();
    held.set(name, [...(held.get(name) ?? []), finish]);
  }

  return createServer(async (request, response) => {
    const path = request.url ?? "";
    const [, kind = "", name = ""] = path.split("?")[0]!.split("/");
    const body = await textOf(request).catch(() => "");
    if (kind === "hook") {
      const headers = request.headers as Record<string, string>;
      seen.set(name, [...seenBy(name), { method: request.method!, path, headers, body }]);
      return answer(name, response);
    }
    if (kind === "plan") plans.set(name, JSON.parse(body));
    if (kind === "release") for (const finish of held.get(name) ?? []) finish();
    response.end(JSON.stringify(seenBy(name)));
  });
}
