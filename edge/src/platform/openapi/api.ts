import { OpenAPIHono, type RouteConfig, type RouteHandler } from "@hono/zod-openapi";
import { problemOfZodError } from "@twinframe/shared/problem";
import { type ZodType, z } from "zod";
import type { AppContext, AppEnv } from "../http/http-types.ts";
import { parseWith, readJson, readOptionalJson } from "../http/json-body.ts";
import type { ApiRoute } from "./route.ts";

/** Of a query parameter that comes several times the first counts. */
const firstOfEach = (query: ZodType) =>
  z.preprocess(
    (values) =>
      Object.fromEntries(
        Object.entries(values as Record<string, string | string[]>).map(([name, value]) => [
          name,
          Array.isArray(value) ? value[0] : value,
        ]),
      ),
    query,
  );

function validatedRequest({ request: { query, params, headers } = {} }: ApiRoute): RouteConfig["request"] {
  return {
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query: firstOfEach(query) as unknown as typeof query }),
    ...(headers === undefined ? {} : { headers }),
  };
}

/** The library's own validator of bodies knows no limit, and wants a content type. */
async function validateBody(c: AppContext, body: NonNullable<ApiRoute["request"]>["body"]): Promise<void> {
  const media = body?.content["application/json"];
  if (body === undefined || media === undefined || !("schema" in media)) return;
  const value = await (body.required ? readJson(c) : readOptionalJson(c));
  c.req.addValidatedData("json", parseWith(media.schema as ZodType, value) as object);
}

/** Routes that are their own description. What does not have a route's shape is the problem `invalid_request`. */
export class Api extends OpenAPIHono<AppEnv> {
  constructor() {
    super({
      defaultHook: (result) => {
        if (!result.success) throw problemOfZodError(result.error);
      },
    });
  }

  /** The route's middleware goes first, in its order; then its parameters and its JSON body are validated. */
  serve<R extends ApiRoute>(route: R, handler: RouteHandler<R, AppEnv>): this {
    const { request, described } = route;
    this.openAPIRegistry.registerPath({ ...route, request: { ...request, ...described } });
    this.openapi({ ...route, request: validatedRequest(route), hide: true } as RouteConfig, async (c) => {
      await validateBody(c as unknown as AppContext, request?.body);
      return handler(c as never, async () => {}) as Response;
    });
    return this;
  }

  /** In the order in which they are served, which is that of the documentation. */
  get described(): ApiRoute[] {
    return this.openAPIRegistry.definitions.flatMap((one) =>
      one.type === "route" ? [one.route as ApiRoute] : [],
    );
  }
}
