/** What a changeset says: all below its front matter, on one line of a list. */
export function summaryOf(changeset: string): string {
  const [, summary] = /^---\n[\s\S]*?\n---\n([\s\S]*)$/.exec(changeset.replaceAll("\r\n", "\n")) ?? [];
  const text = summary?.trim().replaceAll(/\s*\n\s*/g, " ");
  if (!text) throw new Error(`a changeset has no front matter or says nothing:\n${changeset}`);
  return text;
}

/** A section for the version, above the others; lines of a section that has it already stay, before the new ones. */
export function changelogWith(changelog: string, version: string, lines: readonly string[]): string {
  const list = lines.map((line) => `- ${line}`).join("\n");
  const [title, ...sections] = changelog.trimEnd().split(/\n(?=## )/);
  const [newest = ""] = sections;
  if (newest.startsWith(`## ${version}\n`)) sections[0] = `${newest.trimEnd()}\n${list}\n`;
  else sections.unshift(`## ${version}\n\n${list}\n`);
  return `${[title, ...sections].join("\n").trimEnd()}\n`;
}
