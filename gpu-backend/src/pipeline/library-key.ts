/** Keeps `tenant/library`, the index's name of a library, in one place. */
export function libraryKey(tenant: string, library: string): string {
  return `${tenant}/${library}`;
}

/** The two names again. */
export function namesOfKey(key: string): { tenant: string; library: string } {
  const slash = key.indexOf("/");
  return { tenant: key.slice(0, slash), library: key.slice(slash + 1) };
}
