// What ffmpeg sees in bubblewrap's box: the system's programs and libraries, read-only, and its one input. No /proc, no
// devices, no network, nothing to write to, no other process.

import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Who ffmpeg is in the box, and what its input is called there. */
export const BOX_USER = 65_534;
const INPUT_IN_BOX = "/dev/fd/3";

export type BoxUser =
  /** Another user of the machine; only root can switch to it. */
  | "switched"
  /** Another one's number in a namespace of its own; outside, the backend's user without any right. */
  | "namespace";

export interface Box {
  user: BoxUser;
  /** Descriptors of the NVIDIA driver, /proc and a small /tmp as well, which CUDA wants. */
  gpu: boolean;
  /** Absolute. One from outside the system's folders is shown alone, without its neighbours. */
  tool: string;
  file: string;
  /** Processes and threads in the box, where they are counted apart from those outside. 0: no limit. */
  processes: number;
}

/** Where programs and libraries lie; the second is shown to a tool from there. */
const SYSTEM_FOLDERS = ["/usr", "/nix/store"];
const USR_MERGED = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const LOOKED_UP_BY_THE_LOADER = ["/etc/ld.so.cache", "/etc/alternatives"];
const GPU_TMP_BYTES = 64 * 1024 ** 2;

/** bubblewrap's command up to and with the tool; the tool's own arguments follow. The filter is descriptor 9. */
export function boxCommand({ user, gpu, tool, file, processes }: Box): string[] {
  const systems = SYSTEM_FOLDERS.filter((folder) => folder === "/usr" || tool.startsWith(`${folder}/`));
  const shown = systems.some((folder) => tool.startsWith(`${folder}/`)) ? tool : `/tool/${basename(tool)}`;
  return [
    "bwrap",
    ...["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(user === "namespace" ? ["--unshare-user", "--uid", `${BOX_USER}`, "--gid", `${BOX_USER}`] : []),
    // No session of its own: the launcher has made one, and ends what is in it.
    ...["--die-with-parent", "--chdir", "/"],
    ...systems.flatMap((folder) => ["--ro-bind", folder, folder]),
    ...USR_MERGED.flatMap(asOutside),
    // Made here, so that another user may enter them.
    ...["--dir", "/etc", "--dir", "/dev", "--dir", "/dev/fd"],
    ...LOOKED_UP_BY_THE_LOADER.flatMap((path) => ["--ro-bind-try", path, path]),
    ...(shown === tool ? [] : ["--dir", dirname(shown), "--ro-bind", tool, shown]),
    ...(gpu ? gpuDevices() : []),
    ...["--ro-bind", file, INPUT_IN_BOX, "--remount-ro", "/"],
    ...["--seccomp", "9", "--"],
    ...(user === "switched" ? SWITCH_USER : limitProcesses(processes)),
    shown,
  ];
}

/** Links stay links, folders are shown. */
function asOutside(path: string): string[] {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink()) return ["--symlink", readlinkSync(path), path];
  return entry ? ["--ro-bind", path, path] : [];
}

const SWITCH_USER = [
  "setpriv",
  ...[`--reuid=${BOX_USER}`, `--regid=${BOX_USER}`, "--clear-groups"],
  ...["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"],
];

function limitProcesses(most: number): string[] {
  if (most === 0) return [];
  return ["/bin/sh", "-c", `ulimit -p ${most} 2>&- || ulimit -u ${most} || exit 126; exec "$@"`, "sh"];
}

function gpuDevices(): string[] {
  const devices = readdirSync("/dev").filter((name) => name === "dri" || name.startsWith("nvidia"));
  return [
    ...["--proc", "/proc", "--dev", "/dev", "--ro-bind-try", "/sys", "/sys"],
    ...devices.flatMap((name) => ["--dev-bind", `/dev/${name}`, `/dev/${name}`]),
    ...["--size", `${GPU_TMP_BYTES}`, "--tmpfs", "/tmp"],
  ];
}
