// What of a library's policy a verdict on pictures comes from. Requests may bring their own (pipeline/run-analysis.ts).

import { DEFAULT_POLICY as DEFAULT, type VisualPolicy } from "@twinframe/shared/contract";

export type Policy = VisualPolicy;

export const DEFAULT_POLICY: Policy = DEFAULT.visual;
