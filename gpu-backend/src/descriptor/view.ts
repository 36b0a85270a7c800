// The part of a frame that a model sees, and how it is turned: the graph samples it, so a crop, a mirror image or a
// quarter turn costs no work on pixels here.

/**
 * Row by row, the affine map [2, 3] from a place in the view to a place in the frame, both −1 … 1 from left to
 * right and from top to bottom: x = v[0]·u + v[1]·w + v[2], y = v[3]·u + v[4]·w + v[5].
 */
export type View = readonly [number, number, number, number, number, number];

export const WHOLE_FRAME: View = [1, 0, 0, 0, 1, 0];

export interface ViewBox {
  /** Shares of the frame's width and height, 0 … 1. */
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The view that shows a box of the frame. */
export function viewOf({ left, top, right, bottom }: ViewBox): View {
  return [right - left, 0, left + right - 1, 0, bottom - top, top + bottom - 1];
}

/** First `inner`, then `outer`: the inner view of what the outer view shows. */
export function within(outer: View, inner: View): View {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

export const sameView = (a: View, b: View): boolean => a.every((value, i) => value === b[i]);
