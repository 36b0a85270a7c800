import { KEY_OPERATIONS } from "./auth/openapi.ts";
import { CHECK_OPERATIONS } from "./checks/openapi.ts";
import { COMPAT_OPERATIONS } from "./compat/openapi.ts";
import { SIMILARITY_COMPAT_OPERATIONS } from "./compat/similarity-openapi.ts";
import { HEALTH_OPERATIONS } from "./health/openapi.ts";
import { IMPORT_OPERATIONS } from "./imports/openapi.ts";
import { LIBRARY_OPERATIONS } from "./libraries/openapi.ts";
import { ADMIN_OPERATIONS } from "./maintenance/openapi.ts";
import type { Operation } from "./platform/openapi/operation.ts";
import { DESCRIPTOR_OPERATIONS } from "./references/descriptor-openapi.ts";
import { REFERENCE_OPERATIONS } from "./references/openapi.ts";
import { COMPARISON_OPERATIONS } from "./search/comparison-openapi.ts";
import { SEARCH_OPERATIONS } from "./search/openapi.ts";
import { UPLOAD_OPERATIONS } from "./uploads/openapi.ts";
import { WEBHOOK_OPERATIONS } from "./webhooks/openapi.ts";

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
