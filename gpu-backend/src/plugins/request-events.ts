// Every request has an id, the edge's trace where it sends one, and one event in the log.

import type { ProblemCode } from "@twinframe/shared/problem";
import { parseTraceparent, TRACEPARENT_HEADER } from "@twinframe/shared/trace-context";
import { loggedError } from "@twinframe/shared/without-addresses";
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, LogController } from "fastify";
import { currentRequest, inRequest } from "../work/request-context.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Of the problem that it was answered with. */
    problemCode: ProblemCode | null;
  }
}

const REQUEST_ID = /^[\w-]{1,64}$/;
/** Asked every few seconds by those who watch: no news. */
const WATCHING = new Set(["/livez", "/readyz", "/metrics"]);

const headerOf = ({ headers }: Pick<FastifyRequest, "headers">, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
};

const contextOf = (request: FastifyRequest) => ({
  requestId: request.id,
  trace: parseTraceparent(headerOf(request, TRACEPARENT_HEADER)),
});

/** The route's pattern, not the address. */
export const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? "none";

/** What the server is made with. */
export const REQUEST_EVENT_OPTIONS = (level: string) =>
  ({
    logger: {
      level,
      // Signed links travel in bodies and queries, and strangers write what they like into paths.
      serializers: {
        req: ({ method }: FastifyRequest) => ({ method }) as never,
        err: (error: unknown) => loggedError(error) as never,
      },
      mixin: () => {
        const request = currentRequest();
        return request ? { request_id: request.requestId, trace_id: request.trace?.traceId } : {};
      },
    },
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => {
      const given = request.headers["x-request-id"];
      return typeof given === "string" && REQUEST_ID.test(given) ? given : crypto.randomUUID();
    },
  }) satisfies FastifyServerOptions;

export function requestEvents(app: FastifyInstance): void {
  app.decorateRequest("problemCode", null);
  // Behind the body's parser, which leaves the context that it is called in.
  app.addHook("preValidation", (request, _reply, done) => inRequest(contextOf(request), done));
  app.addHook("onResponse", async (request, reply) => {
    const route = routeOf(request);
    const event = {
      op: `${request.method} ${route}`,
      status: reply.statusCode,
      ...(request.problemCode === null ? {} : { code: request.problemCode }),
      ms: Math.round(reply.elapsedTime * 10) / 10,
      request_id: request.id,
      trace_id: contextOf(request).trace?.traceId,
    };
    app.log[WATCHING.has(route) ? "debug" : "info"](event, "request");
  });
}
