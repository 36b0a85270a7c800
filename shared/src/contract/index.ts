export * from "./analysis.ts";
export * from "./check.ts";
export * from "./explanation.ts";
export * from "./match.ts";
export * from "./primitives.ts";
export * from "./reference.ts";
export * from "./scope.ts";
export * from "./webhook.ts";
