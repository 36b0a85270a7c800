// Things of the tenant `owner`, so that ids of another tenant's are ones that exist.

type Make = (send: (path: string, json: object) => Promise<Record<string, unknown>>) => Promise<unknown>;

/** By the path before the id. */
const THINGS: Record<string, Make> = {
  "/v1/keys": async (send) => (await send("/v1/keys", { name: "theirs", scopes: ["checks:write"] })).id,
  "/v1/libraries": async (send) => (await send("/v1/libraries", { name: "their-own" })).name,
  "/v1/uploads": async (send) => (await send("/v1/uploads", { bytes: 1000 })).id,
  "/v1/webhook-endpoints": async (send) =>
    (await send("/v1/webhook-endpoints", { url: "https://hooks.example/theirs" })).id,
};

export async function edgeThings(edgeUrl: string, key: string): Promise<Record<string, string>> {
  const send = async (path: string, json: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await fetch(edgeUrl + path, { method: "POST", headers, body: JSON.stringify(json) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const ids: Record<string, string> = {};
  for (const [family, make] of Object.entries(THINGS)) ids[family] = String(await make(send));
  return ids;
}
