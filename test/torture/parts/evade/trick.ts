// A trick: how a copy is hidden in a file. What it makes shows the copy to whoever plays it.

import type { Encoding } from "./clips.ts";

export interface Making {
  random: () => number;
  /** A re-encoded copy of the reference; made once for the same encoding. */
  copy(how?: Encoding): Promise<string>;
  /** Something else. */
  decoy(how?: Encoding): Promise<string>;
  /** A path in the case's own folder. */
  path(name: string): string;
  ffmpeg(args: string[]): Promise<void>;
}

export interface Trick {
  kind: string;
  /** Gives the file that is to be checked. */
  make(making: Making): Promise<string>;
}
