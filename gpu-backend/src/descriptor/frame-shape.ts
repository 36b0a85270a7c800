// The size and the view of frames, checked against what the model takes.

import type { ModelInput } from "./manifest.ts";
import { sameView, type View, WHOLE_FRAME } from "./view.ts";

export interface FrameShape {
  width: number;
  height: number;
  /** Null for a model that takes none. */
  view: View | null;
}

export interface EmbedOptions {
  /** The manifest's when left out. */
  width?: number;
  height?: number;
  /** The whole frame when left out. */
  view?: View;
}

/** Throws when the model cannot take such frames. */
export function frameShapeOf(input: ModelInput, options: EmbedOptions): FrameShape {
  const { width = input.width, height = input.height, view = WHOLE_FRAME } = options;
  const [leastWidth, leastHeight] = [input.least_width ?? input.width, input.least_height ?? input.height];
  const between = (least: number, size: number, most: number) =>
    Number.isInteger(size) && least <= size && size <= most;
  if (!between(leastWidth, width, input.width) || !between(leastHeight, height, input.height))
    throw new Error(
      `frames of ${width}×${height}: the model takes ${leastWidth}×${leastHeight} to ${input.width}×${input.height}`,
    );
  if (input.view === undefined && !sameView(view, WHOLE_FRAME))
    throw new Error("the model takes no view but the whole frame: its manifest names no input.view");
  return { width, height, view: input.view === undefined ? null : view };
}

export const frameBytesOf = ({ width, height }: FrameShape): number => width * height * 3;

/** Frames of equal keys may share a batch. */
export const shapeKeyOf = ({ width, height, view }: FrameShape): string =>
  [width, height, ...(view ?? [])].join(" ");
