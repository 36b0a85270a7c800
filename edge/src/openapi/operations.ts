import { ADMIN_OPERATIONS } from "./admin.ts";
import { CHECK_OPERATIONS } from "./checks.ts";
import { COMPARISON_OPERATIONS } from "./comparisons.ts";
import { COMPAT_OPERATIONS } from "./compat.ts";
import { DESCRIPTOR_OPERATIONS } from "./descriptors.ts";
import { HEALTH_OPERATIONS } from "./health.ts";
import { IMPORT_OPERATIONS } from "./imports.ts";
import { KEY_OPERATIONS } from "./keys.ts";
import { LIBRARY_OPERATIONS } from "./libraries.ts";
import type { Operation } from "./operation.ts";
import { REFERENCE_OPERATIONS } from "./references.ts";
import { SEARCH_OPERATIONS } from "./search.ts";
import { SIMILARITY_COMPAT_OPERATIONS } from "./similarity-compat.ts";
import { UPLOAD_OPERATIONS } from "./uploads.ts";
import { WEBHOOK_OPERATIONS } from "./webhooks.ts";

/** In the order of the documentation. */
export const OPERATIONS: readonly Operation[] = [
  ...CHECK_OPERATIONS,
  ...REFERENCE_OPERATIONS,
  ...UPLOAD_OPERATIONS,
  ...LIBRARY_OPERATIONS,
  ...DESCRIPTOR_OPERATIONS,
  ...SEARCH_OPERATIONS,
  ...COMPARISON_OPERATIONS,
  ...KEY_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...IMPORT_OPERATIONS,
  ...COMPAT_OPERATIONS,
  ...SIMILARITY_COMPAT_OPERATIONS,
  ...ADMIN_OPERATIONS,
  ...HEALTH_OPERATIONS,
];
