import { describe, expect, it } from "vitest";
import { signRequest, signUrl, verifyRequest, verifyUrl } from "./index.ts";

const SECRET = "a secret of some length";
const NOW_MS = Date.UTC(2026, 0, 1);
const REQUEST = { method: "PUT", path: "/internal/analyses/chk_1?x=1", body: '{"a":1}' };

async function headersFor(request = REQUEST, secret = SECRET) {
  const headers = await signRequest(secret, request, NOW_MS);
  return {
    timestamp: headers["x-twinframe-timestamp"] as string,
    signature: headers["x-twinframe-signature"] as string,
  };
}

describe("request signatures", () => {
  it("hold for the request they were made for, five minutes either way", async () => {
    const headers = await headersFor();
    for (const shiftS of [-300, 0, 300])
      expect(await verifyRequest(SECRET, REQUEST, headers, NOW_MS + shiftS * 1000)).toBe(true);
    for (const shiftS of [-301, 301])
      expect(await verifyRequest(SECRET, REQUEST, headers, NOW_MS + shiftS * 1000)).toBe(false);
  });

  it.each([
    ["method", { ...REQUEST, method: "DELETE" }],
    ["path", { ...REQUEST, path: "/internal/analyses/chk_2?x=1" }],
    ["query", { ...REQUEST, path: "/internal/analyses/chk_1?x=2" }],
    ["body", { ...REQUEST, body: '{"a":2}' }],
  ])("break when the %s changes", async (_what, changed) => {
    expect(await verifyRequest(SECRET, changed, await headersFor(), NOW_MS)).toBe(false);
  });

  it("break under another secret", async () => {
    expect(await verifyRequest("another secret here", REQUEST, await headersFor(), NOW_MS)).toBe(false);
  });

  it("are refused, not thrown at, when they are nonsense", async () => {
    const good = await headersFor();
    for (const signature of [null, "", "v1=", "v1=zz", "v2=00", "v1=0", `${good.signature}00`])
      expect(await verifyRequest(SECRET, REQUEST, { ...good, signature }, NOW_MS)).toBe(false);
    for (const timestamp of [null, "", "now", "-1", "1e9", "9".repeat(40)])
      expect(await verifyRequest(SECRET, REQUEST, { ...good, timestamp }, NOW_MS)).toBe(false);
  });

  it("cannot be made with a secret that is too short", async () => {
    await expect(signRequest("short", REQUEST)).rejects.toThrow(/16 characters/);
  });
});

describe("signed links", () => {
  const link = new URL("http://127.0.0.1:8787/internal/objects/intake/chk_1");

  it("hold until they expire, whatever the origin", async () => {
    const signed = await signUrl(SECRET, link, NOW_MS / 1000 + 60);
    expect(await verifyUrl(SECRET, signed, NOW_MS)).toBe(true);
    expect(
      await verifyUrl(SECRET, new URL(signed.pathname + signed.search, "https://edge.example"), NOW_MS),
    ).toBe(true);
    expect(await verifyUrl(SECRET, signed, NOW_MS + 61_000)).toBe(false);
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
      expect(await verifyUrl(SECRET, url, NOW_MS)).toBe(false);
  });
});
