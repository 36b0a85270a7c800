// What the worker uses of maintenance.

export { sweepJobs } from "./sweep.ts";
export { sweepObjects } from "./sweep-objects.ts";
export { workMaintenance } from "./work.ts";
