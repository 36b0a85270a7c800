import { CHECK_OPERATIONS } from "./checks.ts";
import { COMPAT_OPERATIONS } from "./compat.ts";
import { HEALTH_OPERATIONS } from "./health.ts";
import { IMPORT_OPERATIONS } from "./imports.ts";
import type { Operation } from "./operation.ts";
import { REFERENCE_OPERATIONS } from "./references.ts";

/** In the order of the documentation. */
export const OPERATIONS: readonly Operation[] = [
  ...CHECK_OPERATIONS,
  ...REFERENCE_OPERATIONS,
  ...IMPORT_OPERATIONS,
  ...COMPAT_OPERATIONS,
  ...HEALTH_OPERATIONS,
];
