// The edge's operations × keys that must not do them × spellings. A 2xx is a failure.

import { FRAMINGS } from "@twinframe/gpu-backend/testing/gate/framings";
import { sendRaw } from "@twinframe/gpu-backend/testing/gate/raw-request";
import { spellingsOf } from "@twinframe/gpu-backend/testing/gate/spellings";
import type { CaseResult } from "../../part.ts";
import type { EdgeKeys } from "./edge-keys.ts";
import { type EdgeOperation, guardedOperations } from "./edge-operations.ts";

const SPELLINGS = spellingsOf("/a").length;
const JSON_BODY = FRAMINGS.find(({ kind }) => kind === "JSON")!;
const NO_BODY = FRAMINGS[0]!;

type Choose = (keys: EdgeKeys, operation: EdgeOperation) => string | null;
/** The header's whole value; null for none, or where this operation knows no such key. */
const CREDENTIALS: Record<string, Choose> = {
  none: () => null,
  nonsense: () => "Bearer nonsense",
  "no scheme": ({ admin }) => admin,
  "another scheme": ({ admin }) => `Basic ${admin}`,
  "a key and more": ({ admin }) => `Bearer ${admin}, Bearer ${admin}`,
  "another secret": ({ admin }) => `Bearer ${admin.slice(0, -1)}${admin.endsWith("a") ? "b" : "a"}`,
  expired: ({ expired }) => `Bearer ${expired}`,
  revoked: ({ revoked }) => `Bearer ${revoked}`,
  "every other scope": ({ without }, { scope }) => `Bearer ${without[scope!]}`,
  "no operator": ({ admin }, { operator }) => (operator ? `Bearer ${admin}` : null),
  // Its ids are another tenant's, which it must not find.
  "another tenant": ({ stranger }, { path }) => (path.includes("{") ? `Bearer ${stranger}` : null),
};
const credentials = Object.entries(CREDENTIALS);

export const edgeCaseCount = guardedOperations.length * SPELLINGS * credentials.length;

/** `index` below {@link edgeCaseCount}. `ids`: of things of the owner's, by the path before the id. */
export async function runEdgeCase(
  index: number,
  port: number,
  keys: EdgeKeys,
  ids: Record<string, string>,
): Promise<CaseResult> {
  const take = <Item>(items: readonly Item[]): Item => {
    const item = items[index % items.length]!;
    index = Math.floor(index / items.length);
    return item;
  };
  const operation = take(guardedOperations);
  const method = operation.method.toUpperCase();
  const family = operation.path.slice(0, operation.path.indexOf("/{"));
  const path = operation.path.replace(/\{\w+\}/g, ids[family] ?? "1");
  const spelling = take(spellingsOf(path));
  const [credential, choose] = take(credentials);
  const value = choose(keys, operation);
  const headers: Record<string, string> = value === null ? {} : { authorization: value };
  const framing = operation.takesBody ? JSON_BODY : NO_BODY;
  const answer = await sendRaw(port, { method, target: spelling.target, headers, framing });
  const kind = `edge, key: ${value === null ? "none" : credential}`;
  // Health and the docs are for all, also where the rest of the target names something else.
  const isPublic = /^(?:https?:\/\/[^/]*)?\/(?:livez|docs|openapi\.json)(?:[?#]|$)/i.test(spelling.target);
  const held = isPublic || answer.status === null || answer.status >= 300;
  if (held) return { kind, held };
  return { kind, held, detail: `${method} ${spelling.target} (${spelling.kind}): ${answer.status}` };
}
