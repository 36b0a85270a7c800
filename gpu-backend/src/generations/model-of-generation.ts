// The model of a generation: the folder of models/ that it names, or the manifest that the backend is configured with.

import { existsSync } from "node:fs";
import type { ModelIdentity } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { type LoadedModel, loadModel } from "../descriptor/manifest.ts";
import { DEFAULT_MANIFEST, manifestFileOf } from "../descriptor/model-choice.ts";
import type { Generation } from "../index/index-store.ts";

type ModelOf = Pick<Generation, "manifest" | "dims" | "model">;

const isSame = (a: ModelIdentity, b: ModelIdentity) => a.id === b.id && a.version === b.version;
const named = ({ id, version }: ModelIdentity) => `${id}@${version}`;

export class Models {
  /** The one that the backend is configured with. */
  readonly configured: LoadedModel;
  readonly #configuredFile: string;

  private constructor(configuredFile: string, configured: LoadedModel) {
    this.#configuredFile = configuredFile;
    this.configured = configured;
  }

  static async open(configuredFile: string): Promise<Models> {
    return new Models(configuredFile, await loadModel(configuredFile));
  }

  /** What the index store keeps of a generation of the configured model. */
  ofConfigured(): ModelOf {
    const { id, version, output } = this.configured.manifest;
    return { manifest: this.#configuredFile, dims: output.dims, model: { id, version } };
  }

  /** By a name: a folder of models/, or a model's own id. Throws `model_not_found`. */
  async named(name: string): Promise<ModelOf> {
    for (const file of [manifestFileOf(name), DEFAULT_MANIFEST, this.#configuredFile]) {
      if (!existsSync(file)) continue;
      const { id, version, output } = (await loadModel(file)).manifest;
      if (file === manifestFileOf(name) || id === name)
        return {
          manifest: file === this.#configuredFile ? file : name,
          dims: output.dims,
          model: { id, version },
        };
    }
    throw new ProblemError(
      "model_not_found",
      `The backend has no model "${name}": put its folder, with a manifest.json, into models/.`,
    );
  }

  /** Throws when the manifest is of another model by now. */
  async load({ manifest, model, dims }: ModelOf): Promise<LoadedModel> {
    // Also where the installation has moved since.
    if (isSame(this.configured.manifest, model)) return this.configured;
    const seen: string[] = [];
    for (const file of [manifestFileOf(manifest), DEFAULT_MANIFEST]) {
      if (!existsSync(file)) continue;
      const loaded = await loadModel(file);
      if (isSame(loaded.manifest, model) && loaded.manifest.output.dims === dims) return loaded;
      seen.push(`${file} is of ${named(loaded.manifest)}`);
    }
    throw new Error(
      `the index was made by ${named(model)}, whose manifest is not at ${manifest}: put it back${seen.length > 0 ? ` (${seen.join(", ")})` : ""}`,
    );
  }
}

/** The first generation's name: its model's. */
export function nameOfFirst({ id, version }: ModelIdentity): string {
  const name = `${id}-${version}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return name.replace(/^-+/, "").slice(0, 48).replace(/-+$/, "") || "first";
}
