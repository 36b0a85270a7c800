// Metrics of the model that answers and of where it runs.

import { Gauge, type Registry } from "prom-client";
import type { Embedder } from "../descriptor/embedder.ts";

export function modelMetrics(registry: Registry, embedder: () => Embedder): void {
  const registers = [registry];
  new Gauge({
    name: "twinframe_model_info",
    help: "The model that answers, and the execution provider that it runs on.",
    labelNames: ["model", "version", "execution_provider"] as const,
    registers,
    collect() {
      const { manifest, executionProvider } = embedder();
      this.reset();
      this.set({ model: manifest.id, version: manifest.version, execution_provider: executionProvider }, 1);
    },
  });
  new Gauge({
    name: "twinframe_execution_providers_refused",
    help: "Execution providers that were asked for first and could not be had.",
    registers,
    collect() {
      this.set(embedder().refusedProviders.length);
    },
  });
}
