// What the worker uses of imports.

export { sweepImports } from "./sweep.ts";
export { workImport } from "./work.ts";
