import { expect, it } from "vitest";
import type { Configuration } from "../env.ts";
import { seal, unseal } from "./seal.ts";

const configWith = (secretKey: string) => ({ webhooks: { secretKey } }) as Configuration;
const config = configWith("the operator's own key");

it("opens for its owner, and says nothing to those who read the row", async () => {
  const sealed = await seal(config, "mine", "whsec_ä€");
  expect(sealed).not.toContain("whsec");
  expect(sealed).not.toContain(btoa("whsec"));
  expect(await unseal(config, "mine", sealed)).toBe("whsec_ä€");
  expect(await seal(config, "mine", "whsec_ä€")).not.toBe(sealed);
});

it("opens for no other owner, under no other key, and not when it was changed", async () => {
  const sealed = await seal(config, "mine", "whsec_x");
  const end = sealed.endsWith("AA==") ? "BB==" : "AA==";
  expect(await unseal(config, "yours", sealed)).toBeNull();
  expect(await unseal(configWith("another operator's key"), "mine", sealed)).toBeNull();
  for (const text of [sealed.slice(0, -4) + end, "", "1.", "nonsense.!.!"])
    expect(await unseal(config, "mine", text)).toBeNull();
});
