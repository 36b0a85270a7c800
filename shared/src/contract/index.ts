export * from "./analysis.ts";
export * from "./check.ts";
export * from "./explanation.ts";
export * from "./import.ts";
export * from "./match.ts";
export * from "./primitives.ts";
export * from "./reference.ts";
export * from "./scope.ts";
