import { generationNameSchema } from "@twinframe/shared/contract";
import { expect, it } from "vitest";
import { DEFAULT_MANIFEST, manifestFileOf } from "../descriptor/model-choice.ts";
import { Models, nameOfFirst } from "./model-of-generation.ts";

it.each([
  [{ id: "twinframe", version: "1" }, "twinframe-1"],
  [{ id: "SSCD disc_mixup", version: "2.0" }, "sscd-disc-mixup-2-0"],
  [{ id: "…", version: "…" }, "first"],
  [{ id: "a".repeat(60), version: "1" }, "a".repeat(48)],
])("the first generation of the model %j is %s", (model, name) => {
  expect(nameOfFirst(model)).toBe(name);
  expect(generationNameSchema.safeParse(name).success).toBe(true);
});

it("finds models by their folder, by the default's id and by the configured one's", async () => {
  const models = await Models.open(manifestFileOf("luma-dct"));
  const configured = { model: { id: "luma-dct", version: "1" }, dims: 256 };
  expect(await models.named("luma-dct")).toMatchObject(configured);
  expect(models.ofConfigured()).toMatchObject(configured);
  const byId = await models.named("twinframe");
  expect(byId).toMatchObject({ model: { id: "twinframe", version: "1" }, manifest: "twinframe" });
  expect((await models.load(byId)).manifest.id).toBe("twinframe");
  await expect(models.named("nobodys")).rejects.toMatchObject({ code: "model_not_found" });
});

it("loads no other model than the generation's", async () => {
  const models = await Models.open(DEFAULT_MANIFEST);
  const of = { manifest: "luma-dct", dims: 256, model: { id: "luma-dct", version: "2" } };
  await expect(models.load(of)).rejects.toThrow(/luma-dct@2.*luma-dct@1/);
});
