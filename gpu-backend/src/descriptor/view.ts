// What part of a frame a model looks at, and how turned: the graph samples it, so a crop, a mirror image or a
// quarter turn costs no work on pixels here.

/**
 * Row by row, the affine map [2, 3] from a place in the view to a place in the frame, both −1 … 1 from left to
 * right and from top to bottom: x = v[0]·u + v[1]·w + v[2], y = v[3]·u + v[4]·w + v[5].
 */
export type View = readonly [number, number, number, number, number, number];

export const WHOLE_FRAME: View = [1, 0, 0, 0, 1, 0];

export const sameView = (a: View, b: View): boolean => a.every((value, i) => value === b[i]);
