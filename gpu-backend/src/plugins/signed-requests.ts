// Everything under /internal must be signed by the edge. The signature covers the body's bytes, so the body is
// taken as text and checked before it is parsed.

import { ProblemError } from "@twinframe/shared/problem";
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, verifyRequest } from "@twinframe/shared/signing";
import type { FastifyInstance, FastifyRequest } from "fastify";

const header = (request: FastifyRequest, name: string) => {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
};

async function isSigned(request: FastifyRequest, secret: string, body: string): Promise<boolean> {
  const { method, url } = request;
  const signed = { method, path: url, body };
  const headers = {
    timestamp: header(request, TIMESTAMP_HEADER),
    signature: header(request, SIGNATURE_HEADER),
  };
  return verifyRequest(secret, signed, headers);
}

export function signedRequests(app: FastifyInstance, secret: string): void {
  const refuse = () =>
    new ProblemError(
      "bad_signature",
      "Sign the request with the secret that edge and backend share, and check both clocks.",
    );

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "string" },
    async (request: FastifyRequest, body: string) => {
      if (request.url.startsWith("/internal/") && !(await isSigned(request, secret, body))) throw refuse();
      try {
        return JSON.parse(body);
      } catch {
        throw new ProblemError("malformed_json", "Send one well-formed JSON value.");
      }
    },
  );
  app.addHook("preValidation", async (request) => {
    // A request with a body was checked by the parser above; one without never reaches it.
    const hasBody = request.body !== undefined && request.body !== null;
    if (request.url.startsWith("/internal/") && !hasBody && !(await isSigned(request, secret, "")))
      throw refuse();
  });
}
