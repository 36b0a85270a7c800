export function isTooOld(versionOutput: string): boolean;
