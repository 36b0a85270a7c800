// What a deployment is made of must be named exactly: images by version or digest, ffmpeg and its box by version.

const VERSIONED = /:[\w.-]*\d[\w.-]*$|@sha256:[0-9a-f]{64}$/;

/** Faults of a Dockerfile, in words; none when all is pinned. */
export function unpinnedInDockerfile(text: string): string[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n");
  const defaults = new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^ARG (\w+)=(\S+)$/.exec(line.trim()) ?? [];
      return name === undefined ? [] : [[name, value as string] as const];
    }),
  );
  const filled = (word: string) => word.replaceAll(/\$\{?(\w+)\}?/g, (_, name) => defaults.get(name) ?? "");
  const stages = new Set<string>();
  const faults: string[] = [];
  for (const line of lines) {
    const [, image = "", stage] = /^FROM (?:--\S+ )*(\S+)(?: AS (\S+))?/i.exec(line) ?? [];
    if (image !== "" && !stages.has(image) && !isPinned(filled(image)))
      faults.push(`FROM ${image} has no version`);
    if (stage !== undefined) stages.add(stage);
    for (const [, words = ""] of line.matchAll(/apt-get install ([^&|;]*)/g))
      for (const word of words.split(/\s+/).map((each) => filled(each.replaceAll('"', ""))))
        if (word !== "" && !word.startsWith("-") && !/=.*\d/.test(word))
          faults.push(`the package ${word} has no version`);
  }
  return faults;
}

/** Faults of a Compose file or a Kubernetes manifest. */
export function unpinnedImages(text: string): string[] {
  return (
    [...text.matchAll(/^\s*image: *(\S+)/gm)]
      .map(([, image = ""]) => image.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"))
      // What is built here, from this tree, is named after it.
      .filter((image) => !/^twinframe-[\w-]+:/.test(image) && !isPinned(image))
      .map((image) => `the image ${image} has no version`)
  );
}

const isPinned = (image: string) => VERSIONED.test(image) && !image.endsWith(":latest");
