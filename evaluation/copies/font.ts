import { existsSync } from "node:fs";
import { execa } from "execa";

const PLACES = [
  "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
  "/usr/share/fonts/dejavu/DejaVuSans-Bold.ttf",
  "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf",
  "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
  "/System/Library/Fonts/Supplemental/Arial Bold.ttf",
];

/** A font that this ffmpeg can write with; null when it has none, or cannot draw text. */
export async function findFont(): Promise<string | null> {
  for (const font of PLACES.filter((place) => existsSync(place))) {
    const text = `drawtext=fontfile='${font}':text='a'`;
    const args = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=s=64x64:d=0.1", "-vf", text];
    try {
      await execa("ffmpeg", [...args, "-f", "null", "-"]);
      return font;
    } catch {}
  }
  return null;
}
