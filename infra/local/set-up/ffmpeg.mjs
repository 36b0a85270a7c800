// ffmpeg and ffprobe, and bubblewrap, in which they run: from the system's packages when they are missing and we may
// install them. Without bubblewrap they run with less around them.

import { statSync } from "node:fs";
import { findProgram, runQuietly } from "./command.mjs";
import { errorForUser, say, withProgress } from "./progress.mjs";

const OLDEST = [4, 4];
const NEEDED = `Twinframe needs ffmpeg and ffprobe ${OLDEST.join(".")} or newer, with libx264, on PATH`;

const INSTALLERS = [
  {
    program: "apt-get",
    asRoot: true,
    commands: [
      ["update", "-q"],
      ["install", "-y", "-q", "--no-install-recommends"],
    ],
    env: { DEBIAN_FRONTEND: "noninteractive" },
  },
  { program: "dnf", asRoot: true, commands: [["install", "-y", "-q"]] },
  { program: "apk", asRoot: true, commands: [["add", "--quiet"]] },
  { program: "brew", asRoot: false, commands: [["install", "--quiet"]] },
];

/** bubblewrap is for Linux; its installers work as root. */
const hasBoxes = process.platform === "linux";
const lacksBox = () => hasBoxes && findProgram("bwrap") === null;

/** Which files were found good; a newer build at the same place is looked at again. undefined: none. */
export function ffmpegStamp() {
  const files = [findProgram("ffmpeg"), findProgram("ffprobe")];
  if (files.includes(null)) return undefined;
  const found = files.map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`);
  return [...found, `bwrap ${findProgram("bwrap")}`].join("; ");
}

export async function installFfmpeg() {
  const before = await whatIsWrong();
  if (before === null) return installBox();
  const installer = findInstaller();
  if (installer === undefined) throw errorForUser(`${NEEDED}; ${before}. Install it, then run this again.`);
  const packages = ["ffmpeg", ...(lacksBox() && installer.asRoot ? ["bubblewrap"] : [])];
  const byHand = inWords(installer, packages);
  const prefix = installer.asRoot ? await rootPrefix() : [];
  if (prefix === null) {
    throw errorForUser(`${NEEDED}; ${before}. As root, run: ${byHand}`);
  }
  const failure = await install(installer, prefix, packages);
  if (failure !== null) throw errorForUser(`${failure}\n\n${NEEDED}; ${before}, and this failed: ${byHand}`);
  const after = await whatIsWrong();
  if (after !== null) {
    throw errorForUser(`${NEEDED}; after "${byHand}" ${after}. Put a newer build first on PATH.`);
  }
}

/** bubblewrap alone. Where it cannot be had, that is said, and ffmpeg runs without. */
async function installBox() {
  if (!lacksBox()) return;
  const installer = findInstaller();
  const prefix = installer?.asRoot ? await rootPrefix() : null;
  if (prefix !== null && (await install(installer, prefix, ["bubblewrap"])) === null && !lacksBox()) return;
  const byHand = installer?.asRoot ? ` As root, run: ${inWords(installer, ["bubblewrap"])}` : "";
  say(
    `bubblewrap is missing, so ffmpeg runs without a box around it: give it no videos that you do not trust.${byHand}`,
  );
}

const findInstaller = () => INSTALLERS.find(({ program }) => findProgram(program) !== null);

const withPackages = ({ commands }, packages) =>
  commands.map((args) => (args[0] === "update" ? args : [...args, ...packages]));

const inWords = (installer, packages) =>
  withPackages(installer, packages)
    .map((args) => [installer.program, ...args].join(" "))
    .join(" && ");

/** What the failed installer printed; null when it did not fail. */
function install(installer, prefix, packages) {
  return withProgress(`Installing ${packages.join(" and ")} with ${installer.program}`, async () => {
    for (const args of withPackages(installer, packages)) {
      const [program, ...rest] = [...prefix, installer.program, ...args];
      const { code, output } = await runQuietly(program, rest, { env: { ...process.env, ...installer.env } });
      // A failed update may only mean one broken mirror: the install tells.
      if (code !== 0 && args[0] !== "update") return output.trim();
    }
    return null;
  });
}

/** What stands before a command that needs root; null when we may not. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (findProgram("sudo") === null) return null;
  return (await runQuietly("sudo", ["-n", "true"])).code === 0 ? ["sudo", "-n"] : null;
}

/** Half a sentence on what is missing or too old; null when all is well. */
async function whatIsWrong() {
  for (const name of ["ffmpeg", "ffprobe"]) {
    if (findProgram(name) === null) return `${name} is missing`;
    const { code, output } = await runQuietly(name, ["-version"]);
    if (code !== 0) return `${name} does not run (${output.trim().split("\n").at(-1)})`;
    if (isTooOld(output)) return `${name} is too old (${output.split("\n")[0]})`;
    if (!output.includes("--enable-libx264")) return `${name} was built without libx264`;
  }
  return null;
}

/** Builds from git name a commit instead of a version: taken as new. */
export function isTooOld(versionOutput) {
  const version = /^ff\w+ version n?(\d+)\.(\d+)/.exec(versionOutput);
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
