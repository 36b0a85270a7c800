// Who may come in: every route needs the edge's signature, unless its registration says `config: { access: "public" }`.
// That is read from the route that was matched, never from the address, which has many spellings. Addresses of no
// route are judged first, too: to a stranger all of them are alike. The signature is judged before a byte of the body
// is read, the body is held against its signed hash before it is parsed, and what changes something passes once.

import { createHash } from "node:crypto";
import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { EMPTY_SHA256, type Signed, verifyRequest } from "@twinframe/shared/signing";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { NonceMemory } from "./nonce-memory.ts";
import { sendProblem } from "./problems.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Anybody may ask; without it, the edge alone. */
    access?: "public";
  }
  interface FastifyRequest {
    /** Null on public routes. */
    signed: Signed | null;
    /** Of the body that was read; null while none was. */
    contentSha256: string | null;
  }
}

export interface GateSettings {
  /** The current one, and the one before while it is being replaced. */
  signingSecrets: readonly string[];
  /** Nonces remembered at once. */
  maxNonces: number;
}

export interface RegisteredRoute {
  method: string;
  url: string;
  isPublic: boolean;
}

/** They change nothing: repeated, they say what they said to whoever could read it then. */
const SAFE_METHODS = ["GET", "HEAD"];

const refused = () =>
  new ProblemError(
    "bad_signature",
    "Sign the request with the secret that edge and backend share, and check both clocks.",
  );

/** For targets that no router can read. */
export const refuseUnroutable = (_error: Error, request: FastifyRequest, reply: FastifyReply): void =>
  void sendProblem(reply, toProblem(refused(), request.id));

function judgeNonce(nonces: NonceMemory, signed: Signed): void {
  const admission = nonces.admit(signed);
  if (admission === "replayed")
    throw new ProblemError("request_replayed", "Sign each request anew, also one that is sent again.");
  if (admission === "unknowable")
    throw new ProblemError("backend_unavailable", "The service has just started; try again in a moment.", {
      retryAfterS: 1,
    });
  if (admission === "full")
    throw new ProblemError("overloaded", "More requests came than can be told apart; try again later.", {
      retryAfterS: 10,
    });
}

/** Fastify gives no body to these, whatever was sent; then it must not be there. */
const bringsBody = ({ headers }: FastifyRequest) =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";

function parsedJson(request: FastifyRequest, body: Buffer): unknown {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new ProblemError("unsupported_media_type", "Send application/json.");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new ProblemError("malformed_json", "Send one well-formed JSON value.");
  }
}

/** To be called before any route is registered. Returns the routes, as they are registered. */
export function signedRequests(app: FastifyInstance, settings: GateSettings): readonly RegisteredRoute[] {
  const nonces = new NonceMemory(settings.maxNonces);
  const routes: RegisteredRoute[] = [];
  const isPublic = ({ is404, routeOptions }: FastifyRequest) =>
    !is404 && routeOptions.config.access === "public";

  app.decorateRequest("signed", null);
  app.decorateRequest("contentSha256", null);
  app.addHook("onRoute", ({ method, url, config }) => {
    for (const one of [method].flat())
      routes.push({ method: one, url, isPublic: config?.access === "public" });
  });

  app.addHook("onRequest", async (request) => {
    if (isPublic(request)) return;
    const { method, raw, headers } = request;
    const target = raw.url ?? "";
    const header = (name: string) => {
      const value = headers[name];
      return typeof value === "string" ? value : undefined;
    };
    // The edge sends no absolute forms.
    if (target.startsWith("/"))
      request.signed = await verifyRequest(settings.signingSecrets, { method, path: target }, header);
    if (request.signed === null) throw refused();
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    request.contentSha256 = createHash("sha256").update(body).digest("hex");
    if (isPublic(request)) return undefined;
    if (request.contentSha256 !== request.signed?.contentSha256) throw refused();
    return body.length === 0 ? undefined : parsedJson(request, body);
  });

  app.addHook("preValidation", async (request) => {
    if (isPublic(request)) return;
    const { signed, contentSha256, method } = request;
    // Whatever read a body, it was not the parser above.
    const isUnread = contentSha256 === null && (bringsBody(request) || request.body !== undefined);
    if (signed === null || isUnread || (contentSha256 ?? EMPTY_SHA256) !== signed.contentSha256)
      throw refused();
    if (!SAFE_METHODS.includes(method)) judgeNonce(nonces, signed);
  });
  return routes;
}
