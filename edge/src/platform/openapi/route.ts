// A route of the API and its description are one thing: what createRoute (@hono/zod-openapi) takes, and who may.

import { createRoute as createHonoRoute, type RouteConfig } from "@hono/zod-openapi";
import type { Scope } from "@twinframe/shared/contract";
import type { ProblemCode } from "@twinframe/shared/problem";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../http/http-types.ts";

/** What a key must be allowed to. */
export interface NeededScopes {
  scope: Scope;
  /** And to this, besides. */
  also?: Scope;
  /** And the key must be an operator's. */
  operator?: true;
}

/** Whom a route answers; `ownGuard` names the middleware of a route that no API key opens. */
export type Access = NeededScopes | "public" | { ownGuard: string };

export interface ApiRoute extends RouteConfig {
  access: Access;
  /** What can go wrong beyond what every operation shares (see document.ts). */
  problems?: readonly ProblemCode[];
  /**
   * What the document says where the handler reads a part of the request itself (a stream, options in the query or in
   * the body). It takes the place of `request`'s, which alone is validated.
   */
  described?: NonNullable<RouteConfig["request"]>;
}

/** Everybody, without a key. Routes that need one say `needs(scope)` (auth/access.ts). */
export const isPublic = { access: "public" as const, security: [] };

/** Whoever `guard` lets in, which asks for something else than an API key. In no documentation. */
export const guardedBy = (guard: MiddlewareHandler<AppEnv>, ownGuard: string) => ({
  access: { ownGuard },
  security: [],
  middleware: [guard],
  hide: true,
});

/** A route does not compile without its `access`. */
export const createRoute = <Path extends string, Route extends ApiRoute & { path: Path }>(route: Route) =>
  createHonoRoute<Path, Route>(route);

/** The scopes of a route that needs a key; null of any other. */
export const scopesOf = ({ access }: ApiRoute): NeededScopes | null =>
  typeof access === "object" && "scope" in access ? access : null;
