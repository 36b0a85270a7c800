import { expect, it } from "vitest";
import type { Configuration } from "../platform/configuration.ts";
import { seal, sealPrefix, unseal } from "./seal.ts";

const configWith = (...secretKeys: [string, ...string[]]) =>
  ({ webhooks: { secretKeys } }) as unknown as Configuration;
const config = configWith("the operator's own key");

it("opens for its owner, and says nothing to those who read the row", async () => {
  const sealed = await seal(config, "mine", "whsec_ä€");
  expect(sealed).not.toContain("whsec");
  expect(sealed).not.toContain(btoa("whsec"));
  expect(await unseal(config, "mine", sealed)).toBe("whsec_ä€");
  expect(await seal(config, "mine", "whsec_ä€")).not.toBe(sealed);
});

it("opens under the key before, too, and names the key that sealed it without telling it", async () => {
  const renewed = configWith("the operator's next key", "the operator's own key");
  expect(await unseal(renewed, "mine", await seal(config, "mine", "whsec_x"))).toBe("whsec_x");
  const prefixes = [await sealPrefix(config), await sealPrefix(renewed)];
  expect(new Set(prefixes).size).toBe(2);
  expect(await seal(renewed, "mine", "whsec_x")).toMatch(new RegExp(`^${RegExp.escape(prefixes[1]!)}`));
});

it("opens what was sealed before keys had names", async () => {
  const [, , iv, text] = (await seal(config, "mine", "whsec_x")).split(".");
  expect(await unseal(config, "mine", `1.${iv}.${text}`)).toBe("whsec_x");
});

it("opens for no other owner, under no other key, and not when it was changed", async () => {
  const sealed = await seal(config, "mine", "whsec_x");
  const end = sealed.endsWith("AA==") ? "BB==" : "AA==";
  expect(await unseal(config, "yours", sealed)).toBeNull();
  expect(await unseal(configWith("another operator's key"), "mine", sealed)).toBeNull();
  for (const text of [sealed.slice(0, -4) + end, "", "1.", "nonsense.!.!"])
    expect(await unseal(config, "mine", text)).toBeNull();
});
