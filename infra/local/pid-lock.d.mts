export function processStart(pid: number): string | null;
export function takeLock(
  path: string,
): Promise<{ release: () => void; heldBy?: never } | { heldBy: number; release?: never }>;
