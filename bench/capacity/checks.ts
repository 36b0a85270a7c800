// What a check costs a backend, from the measured clip: decoding and describing grow with the video, the rest
// does not.

import { ASSUMED, MEASURED } from "./constants.ts";

type Stages = typeof MEASURED.copy;

/** Seconds that one two-core backend is busy with a video of this length. */
function serviceS({ fixed, decode, embed, search, align }: Stages, videoS: number): number {
  return (fixed + (decode + embed + search + align) * (videoS / MEASURED.clipS)) / 1000;
}

/** Of checks that reach the backend. */
const copyShareThere = ASSUMED.copyShare / (1 - ASSUMED.exactShare);

/** Lengths spread as uploads' do: half of them under 60 % of the mean (log-normal, deviation 1). */
function drawVideoS(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return 60 * ASSUMED.meanMinutes * Math.exp(normal - 0.5);
}

export function drawServiceS(random: () => number): number {
  const stages = random() < copyShareThere ? MEASURED.copy : MEASURED.distractor;
  return serviceS(stages, drawVideoS(random));
}

export function meanServiceS(): number {
  const ofMean = (stages: Stages) => serviceS(stages, 60 * ASSUMED.meanMinutes);
  return copyShareThere * ofMean(MEASURED.copy) + (1 - copyShareThere) * ofMean(MEASURED.distractor);
}
