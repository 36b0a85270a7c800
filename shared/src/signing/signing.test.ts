import { describe, expect, it } from "vitest";
import {
  CONTENT_HEADER,
  EMPTY_SHA256,
  NONCE_HEADER,
  SIGNATURE_HEADER,
  sha256Hex,
  signRequest,
  signUrl,
  TIMESTAMP_HEADER,
  verifyRequest,
  verifyUrl,
} from "./index.ts";

const SECRET = "a secret of some length";
const PREVIOUS = "the one before, as long";
const NOW_MS = Date.UTC(2026, 0, 1);
const REQUEST = { method: "PUT", path: "/internal/analyses/chk_1?x=1", body: '{"a":1}' };

const sign = (request = REQUEST, secret = SECRET) => signRequest(secret, request, NOW_MS);
type Headers = Record<string, string | undefined>;
const verify = (
  headers: Headers,
  { request = REQUEST, secrets = [SECRET], nowMs = NOW_MS }: Partial<Asked> = {},
) => verifyRequest(secrets, request, (name) => headers[name], nowMs);
interface Asked {
  request: typeof REQUEST;
  secrets: string[];
  nowMs: number;
}

describe("request signatures", () => {
  it("hold for the request they were made for, five minutes either way", async () => {
    const headers = await sign();
    for (const shiftS of [-300, 0, 300])
      expect(await verify(headers, { nowMs: NOW_MS + shiftS * 1000 })).toEqual({
        timestampS: NOW_MS / 1000,
        nonce: headers[NONCE_HEADER],
        contentSha256: await sha256Hex(REQUEST.body),
      });
    for (const shiftS of [-301, 301])
      expect(await verify(headers, { nowMs: NOW_MS + shiftS * 1000 })).toBeNull();
  });

  it.each([
    ["method", { ...REQUEST, method: "DELETE" }],
    ["path", { ...REQUEST, path: "/internal/analyses/chk_2?x=1" }],
    ["query", { ...REQUEST, path: "/internal/analyses/chk_1?x=2" }],
    ["spelling", { ...REQUEST, path: "/%69nternal/analyses/chk_1?x=1" }],
  ])("break when the %s changes", async (_what, request) => {
    expect(await verify(await sign(), { request })).toBeNull();
  });

  it("break when any header changes, and are refused, not thrown at, when they are nonsense", async () => {
    const good = await sign();
    const other = await sign();
    expect(other[NONCE_HEADER]).not.toBe(good[NONCE_HEADER]);
    const changes: Headers[] = [
      { [NONCE_HEADER]: other[NONCE_HEADER] },
      { [CONTENT_HEADER]: EMPTY_SHA256 },
      { [TIMESTAMP_HEADER]: String(NOW_MS / 1000 + 1) },
      ...[undefined, "", "now", "-1", "1e9", "9".repeat(40)].map((text) => ({ [TIMESTAMP_HEADER]: text })),
      ...[undefined, "", "short", `${good[NONCE_HEADER]}, x`].map((text) => ({ [NONCE_HEADER]: text })),
      ...[undefined, "", "v2=", "v2=zz", "v1=00", `${good[SIGNATURE_HEADER]}00`].map((text) => ({
        [SIGNATURE_HEADER]: text,
      })),
    ];
    for (const change of changes)
      expect(await verify({ ...good, ...change }), JSON.stringify(change)).toBeNull();
  });

  it("hold under any of the secrets that are valid, and under no other", async () => {
    const headers = await sign(REQUEST, PREVIOUS);
    expect(await verify(headers, { secrets: [SECRET, PREVIOUS] })).not.toBeNull();
    expect(await verify(headers)).toBeNull();
    expect(await verify(headers, { secrets: [] })).toBeNull();
  });

  it("cannot be made with a secret that is too short", async () => {
    await expect(signRequest("short", REQUEST)).rejects.toThrow(/16 characters/);
  });

  it("name an empty body by its hash", async () => {
    expect((await sign({ ...REQUEST, body: "" }))[CONTENT_HEADER]).toBe(await sha256Hex(""));
  });
});

describe("signed links", () => {
  const link = new URL("http://127.0.0.1:8787/internal/objects/intake/chk_1");

  it("hold until they expire, whatever the origin, under any of the secrets", async () => {
    const signed = await signUrl(SECRET, link, NOW_MS / 1000 + 60);
    const elsewhere = new URL(signed.pathname + signed.search, "https://edge.example");
    for (const url of [signed, elsewhere])
      for (const secrets of [[SECRET], ["the newest of all, long", SECRET]])
        expect(await verifyUrl(secrets, url, NOW_MS)).toBe(true);
    expect(await verifyUrl([SECRET], signed, NOW_MS + 61_000)).toBe(false);
    expect(await verifyUrl([PREVIOUS], signed, NOW_MS)).toBe(false);
  });

  it("break when path or expiry change, or the signature is missing", async () => {
    const signed = await signUrl(SECRET, link, NOW_MS / 1000 + 60);
    const otherPath = new URL(signed);
    otherPath.pathname = "/internal/objects/intake/chk_2";
    const later = new URL(signed);
    later.searchParams.set("expires", String(NOW_MS / 1000 + 600));
    const bare = new URL(signed);
    bare.searchParams.delete("signature");
    for (const url of [otherPath, later, bare, link])
      expect(await verifyUrl([SECRET], url, NOW_MS)).toBe(false);
  });
});
