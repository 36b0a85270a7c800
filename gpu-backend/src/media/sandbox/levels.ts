// The levels of walls around ffmpeg, the strongest first, and what each one starts.

import { release } from "node:os";
import { BOX_USER, type BoxUser, boxCommand } from "./box.ts";
import { type Launch, launchArguments } from "./launch.ts";
import { seccompProgram } from "./seccomp-program.ts";
import { toolPath } from "./tool-path.ts";

export type SandboxLevel = "bubblewrap" | "setpriv" | "rlimits";

export interface Level {
  level: SandboxLevel;
  /** In a word or two, for the log. */
  name: string;
  /** The launcher script's arguments, up to the tool's own. */
  arguments(launch: Launch): string[];
}

/** Threads of one ffmpeg, and some more. */
const PROCESSES_IN_BOX = 128;
/** Of all that runs as the user that ffmpeg is switched to. */
const PROCESSES_OF_USER = 1024;

const isRoot = () => process.getuid?.() === 0;

/** From Linux 5.14 on, each user namespace counts its processes apart. */
function countsApart(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

function bubblewrap(user: BoxUser): Level {
  const inBox = user === "namespace" && countsApart() ? PROCESSES_IN_BOX : 0;
  return {
    level: "bubblewrap",
    name: user === "switched" ? "bubblewrap as another user" : "bubblewrap in a user namespace",
    arguments: (launch) => {
      const { tool, file, gpu } = launch;
      const box = boxCommand({ user, gpu, tool: toolPath(tool), file, processes: inBox });
      const processes = user === "switched" ? PROCESSES_OF_USER : 0;
      return launchArguments(launch, { processes, opensInput: false, filter: seccompProgram(gpu) }, box);
    },
  };
}

/** util-linux' setpriv: no new rights, killed with the backend, and another user for root. */
function setpriv(): Level {
  const switching = isRoot()
    ? [`--reuid=${BOX_USER}`, `--regid=${BOX_USER}`, "--clear-groups", "--bounding-set=-all"]
    : [];
  const command = ["setpriv", ...switching, "--inh-caps=-all", "--no-new-privs", "--pdeathsig=KILL"];
  const processes = isRoot() ? PROCESSES_OF_USER : 0;
  return {
    level: "setpriv",
    name: isRoot() ? "setpriv as another user" : "setpriv",
    arguments: (launch) =>
      launchArguments(launch, { processes, opensInput: true, filter: null }, [
        ...command,
        toolPath(launch.tool),
      ]),
  };
}

const RLIMITS: Level = {
  level: "rlimits",
  name: "resource limits alone",
  arguments: (launch) =>
    launchArguments(launch, { processes: 0, opensInput: true, filter: null }, [toolPath(launch.tool)]),
};

/** Those that can be tried here. Root switches the user where it may mount, and takes a namespace where it may not. */
export function levels(): Level[] {
  if (process.platform !== "linux") return [RLIMITS];
  return [...(isRoot() ? [bubblewrap("switched")] : []), bubblewrap("namespace"), setpriv(), RLIMITS];
}

export const WEAKEST = RLIMITS;
