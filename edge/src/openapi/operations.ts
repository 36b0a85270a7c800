import { CHECK_OPERATIONS } from "./checks.ts";
import { COMPAT_OPERATIONS } from "./compat.ts";
import { HEALTH_OPERATIONS } from "./health.ts";
import { LIBRARY_OPERATIONS } from "./libraries.ts";
import type { Operation } from "./operation.ts";
import { REFERENCE_OPERATIONS } from "./references.ts";
import { UPLOAD_OPERATIONS } from "./uploads.ts";

/** In the order of the documentation. */
export const OPERATIONS: readonly Operation[] = [
  ...CHECK_OPERATIONS,
  ...REFERENCE_OPERATIONS,
  ...UPLOAD_OPERATIONS,
  ...LIBRARY_OPERATIONS,
  ...COMPAT_OPERATIONS,
  ...HEALTH_OPERATIONS,
];
