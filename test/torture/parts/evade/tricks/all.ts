import type { Trick } from "../trick.ts";
import { changes } from "./changes.ts";
import { damage } from "./damage.ts";
import { durations } from "./durations.ts";
import { editLists } from "./edit-lists.ts";
import { frames } from "./frames.ts";
import { placement } from "./placement.ts";
import { shown } from "./shown.ts";
import { timestamps } from "./timestamps.ts";
import { tracks } from "./tracks.ts";

export const TRICKS: readonly Trick[] = [
  ...[durations, tracks, damage, editLists, placement],
  ...[changes, timestamps, frames, shown],
].flat();
