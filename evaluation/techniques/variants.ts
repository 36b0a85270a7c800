// The techniques one after another: which looks each may use, and which features of a segment.

import { FEATURES } from "../calibration-fit.ts";
import type { LookedSegment } from "./looked-pairs.ts";

export interface Variant {
  name: string;
  uses: (segment: LookedSegment) => boolean;
  features: readonly ((segment: LookedSegment) => number)[];
}

const background = (segment: LookedSegment) => segment.background;
const plain = FEATURES.filter((_, i) => i === 0 || i === 2);

const isWhole = ({ kind, isTrimmed }: LookedSegment) => isTrimmed && kind === "whole";
const isMirrored = ({ view }: LookedSegment) => view === "mirrored";
const isTurned = ({ kind }: LookedSegment) => kind === "turned";
const isInset = ({ view }: LookedSegment) => view.startsWith("inset_");
const isPart = ({ kind }: LookedSegment) => kind === "part";
const any =
  (...looks: ((segment: LookedSegment) => boolean)[]) =>
  (segment: LookedSegment) =>
    looks.some((look) => look(segment));

export const VARIANTS: readonly Variant[] = [
  {
    name: "whole frames, similarity alone",
    uses: ({ isTrimmed }) => !isTrimmed,
    features: plain,
  },
  { name: "+ centred correlation", uses: ({ isTrimmed }) => !isTrimmed, features: FEATURES },
  { name: "+ bars trimmed", uses: isWhole, features: FEATURES },
  { name: "+ mirrored", uses: any(isWhole, isMirrored), features: FEATURES },
  { name: "+ quarter turns", uses: any(isWhole, isTurned), features: FEATURES },
  { name: "+ pictures found in the picture", uses: any(isWhole, isTurned, isInset), features: FEATURES },
  { name: "+ fixed parts: all of it", uses: any(isWhole, isTurned, isPart), features: FEATURES },
  {
    name: "all of it, + score normalisation",
    uses: any(isWhole, isTurned, isPart),
    features: [...FEATURES, background],
  },
  {
    name: "all of it, natural speed alone",
    uses: (segment) => any(isWhole, isTurned, isPart)(segment) && segment.speed === 1,
    features: FEATURES,
  },
  {
    name: "all of it, without found pictures",
    uses: (segment) => any(isWhole, isTurned, isPart)(segment) && !isInset(segment),
    features: FEATURES,
  },
];
