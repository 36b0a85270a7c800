// The API as the app serves it: the tests that hold for every operation go through these.

import type { Scope } from "@twinframe/shared/contract";
import { app } from "../src/app.ts";
import { scopesOf } from "../src/platform/openapi/route.ts";

export interface Operation {
  id: string;
  method: string;
  /** With parameters in braces: `/v1/checks/{id}`. */
  path: string;
  /** Null where no key is needed. */
  scope: Scope | null;
  also: Scope | undefined;
  operator: boolean;
  takesBody: boolean;
}

export const OPERATIONS: readonly Operation[] = app.described
  .filter(({ hide }) => !hide)
  .map((route) => {
    const { scope = null, also, operator = false } = scopesOf(route) ?? {};
    const takesBody = (route.described?.body ?? route.request?.body) !== undefined;
    const { operationId = "", method, path } = route;
    return { id: operationId, method, path, scope, also, operator, takesBody };
  });
