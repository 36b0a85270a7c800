// Short videos made by ffmpeg alone, each with its own picture, motion and sound: the demo's material when no
// folder of videos is given.

import { join } from "node:path";
import { runFfmpeg } from "@twinframe/evaluation/run-ffmpeg";

const SIZE = "640x360";
const RATE = 25;

/** lavfi sources that move differently all the way through. */
const SCENES: Record<string, string> = {
  "test-card": `testsrc2=size=${SIZE}:rate=${RATE}`,
  mandelbrot: `mandelbrot=size=${SIZE}:rate=${RATE}:end_scale=0.02:end_pts=300`,
  life: `life=size=160x90:rate=${RATE}:ratio=0.35:seed=7:mold=10:life_color=#33cc66:death_color=#aa3322,scale=640:360:flags=neighbor`,
  colours: `gradients=size=${SIZE}:rate=${RATE}:nb_colors=6:seed=11:speed=0.04`,
  automaton: `cellauto=size=160x90:rate=${RATE}:rule=110:seed=3:scroll=1,scale=640:360:flags=neighbor,hue=h=t*20`,
  ripples: `nullsrc=size=320x180:rate=${RATE},geq=lum='128+90*sin(hypot(X-160-80*sin(T),Y-90-50*cos(T*1.3))/9-T*5)':cb='128+60*sin(T+X/60)':cr='128+60*cos(T*1.1+Y/40)',scale=640:360`,
  carpet: `sierpinski=size=${SIZE}:rate=${RATE}:type=carpet:seed=5:jump=60`,
  zoom: `mandelbrot=size=${SIZE}:rate=${RATE}:start_x=-0.743:start_y=-0.131:start_scale=1:end_scale=0.0005:end_pts=250:inner=period`,
};

export const SCENE_NAMES = Object.keys(SCENES);

/** Makes one clip of `seconds` in `folder` and gives its path. */
export async function makeClip(folder: string, scene: string, seconds: number): Promise<string> {
  const source = SCENES[scene];
  if (source === undefined)
    throw new Error(`there is no scene ${scene}: choose from ${SCENE_NAMES.join(", ")}`);
  const file = join(folder, `${scene}.mp4`);
  const tone = `sine=frequency=${220 + 55 * SCENE_NAMES.indexOf(scene)}:beep_factor=3`;
  const encode = "-c:v libx264 -preset veryfast -crf 23 -pix_fmt yuv420p -c:a aac -shortest".split(" ");
  await runFfmpeg(
    [
      "-nostdin",
      "-v",
      "error",
      "-y",
      "-f",
      "lavfi",
      "-i",
      source,
      "-f",
      "lavfi",
      "-i",
      tone,
      "-t",
      String(seconds),
    ].concat(encode, file),
  );
  return file;
}
