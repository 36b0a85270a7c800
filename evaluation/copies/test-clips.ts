// Clips for these tests: descriptions without files, and small files.

import { basename } from "node:path";
import { clip } from "@twinframe/gpu-backend/testing/clips";
import type { Clip } from "./clips.ts";
import { probePicture } from "./probe.ts";

export const clipOf = (told: Partial<Clip> & { name: string }): Clip => ({
  file: `/nowhere/${told.name}`,
  group: told.name,
  referenceId: null,
  width: 320,
  height: 180,
  rate: 25,
  durationS: 10,
  hasSound: true,
  codec: "h264",
  ...told,
});

/** Scenes of one, two and five clips; some short, portrait or silent. */
export const manyClips = Array.from({ length: 40 }, (_, i) =>
  clipOf({
    name: `clip-${i}.mp4`,
    group: i < 8 ? `pair-${i % 4}` : i < 18 ? `five-${i % 2}` : `alone-${i}`,
    durationS: i % 5 === 0 ? 2 : 4 + i,
    hasSound: i % 3 !== 0,
    ...(i % 7 === 0 ? { width: 180, height: 320 } : {}),
  }),
);

export const fileClip = async (file: string, told: Partial<Clip> = {}): Promise<Clip> => ({
  name: basename(file),
  file,
  group: basename(file),
  referenceId: null,
  ...(await probePicture(file)),
  ...told,
});

/** How bright `rampClip` is after so many seconds. */
export const rampAt = (s: number) => 40 + 30 * s;

/** 4 s that get brighter steadily: any of its frames says which second it is from. */
export const rampClip = async (told: Partial<Clip> = {}): Promise<Clip> => {
  const ramp = "format=yuv420p,geq=lum='40+30*T':cb=128:cr=128";
  const file = await clip({
    picture: "color=black",
    size: "160x120",
    durationS: 4,
    filter: ramp,
    sound: true,
  });
  return fileClip(file, told);
};

/** Even grey of some brightness. */
export const greyClip = async (brightness: number, durationS: number, told: Partial<Clip> = {}) => {
  const grey = `format=yuv420p,geq=lum=${brightness}:cb=128:cr=128`;
  const file = await clip({ picture: "color=black", size: "192x108", durationS, filter: grey });
  return fileClip(file, told);
};

/** The left half white, the right half black; without sound. */
export const halfClip = async () => {
  const half = "drawbox=x=0:y=0:w=80:h=120:c=white:t=fill";
  return fileClip(await clip({ picture: "color=black", size: "160x120", durationS: 3, filter: half }));
};
