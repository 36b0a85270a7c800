import type { Bomb } from "./bomb.ts";
import { CONTAINERS } from "./containers.ts";
import { LENGTHS } from "./lengths.ts";
import { PICTURES } from "./pictures.ts";
import { STREAMS } from "./streams.ts";

/** In an order in which each kind comes early: a slice has some of all. */
export const BOMBS: readonly Bomb[] = [...CONTAINERS, ...STREAMS, ...LENGTHS, ...PICTURES];
