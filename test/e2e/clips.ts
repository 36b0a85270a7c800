// The suite's videos: short, small, and unlike each other. Made once; see gpu-backend/test/clips.ts.

import { EDITS, type Edit, type EditName, editArguments } from "@twinframe/evaluation/edits";
import { clip, madeBy } from "@twinframe/gpu-backend/testing/clips";

/** Sources that move differently all the way through. */
const SCENES = {
  "test-card": "testsrc2",
  valley: "mandelbrot=start_x=-0.743:start_y=-0.131:start_scale=1:end_scale=0.0005:end_pts=250",
  spiral: "mandelbrot=start_x=-0.1011:start_y=0.9563:start_scale=2:end_scale=0.002:end_pts=250:inner=period",
  colours: "gradients=nb_colors=6:seed=11:speed=0.04",
} as const;

export type Scene = keyof typeof SCENES;

export const SCENE_S = 8;

/** 320 × 180, 25 frames a second. */
export const scene = (name: Scene, durationS = SCENE_S): Promise<string> =>
  clip({ picture: SCENES[name], size: "320x180", durationS });

/** As many different videos as there are seeds. */
export const seeded = (seed: number, durationS = 4): Promise<string> =>
  clip({ picture: `gradients=nb_colors=8:speed=0.05:seed=${seed}`, size: "320x180", durationS });

/** The same video at different qualities. */
export const encodedAt = (crf: number): Promise<string> =>
  clip({
    picture: SCENES.valley,
    size: "320x180",
    durationS: 4,
    encode: `-c:v libx264 -preset ultrafast -crf ${crf} -pix_fmt yuv420p`.split(" "),
  });

export function edited(file: string, name: EditName, durationS = SCENE_S): Promise<string> {
  const edit: Edit = EDITS[name];
  // `madeBy` says itself how ffmpeg is to talk and where the result goes.
  return madeBy(edit.extension, editArguments(edit, file, "", durationS).slice(4, -1));
}

/** Takes seconds to decode on any machine, and little to make. */
export async function longClip(seed: string): Promise<string> {
  const second = await clip({
    picture: "testsrc2",
    size: "1280x720",
    framesPerSecond: 60,
    durationS: 2,
    filter: `hue=h=${seed}`,
    encode: "-c:v libx264 -preset ultrafast -crf 40 -pix_fmt yuv420p".split(" "),
  });
  return madeBy("mp4", ["-stream_loop", "49", "-i", second, "-c", "copy"]);
}

export const black = (size: string, durationS: number): Promise<string> =>
  clip({ picture: "color=black", size, durationS });
