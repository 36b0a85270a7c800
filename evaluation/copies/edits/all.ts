import { BESIDE_EDITS } from "./beside.ts";
import { DRAWN_EDITS } from "./drawn.ts";
import type { Edit } from "./edit.ts";
import { FRAME_EDITS } from "./frame.ts";
import { JOINED_EDITS } from "./joined.ts";
import { LOOK_EDITS } from "./look.ts";
import { SOUND_EDITS } from "./sound.ts";
import { TIME_EDITS } from "./time.ts";

/** Edits that can stand alone or in a chain. */
export const EDITS: Readonly<Record<string, Edit>> = {
  ...LOOK_EDITS,
  ...FRAME_EDITS,
  ...DRAWN_EDITS,
  ...TIME_EDITS,
  ...JOINED_EDITS,
  ...BESIDE_EDITS,
  ...SOUND_EDITS,
};

/** Edits that leave the coded picture as it is: they only stand alone. */
export const COPIED = ["identical", "remuxed"] as const;
