export function takeLock(
  path: string,
): Promise<{ release: () => void; heldBy?: never } | { heldBy: number; release?: never }>;
