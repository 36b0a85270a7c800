/** How long signals count as one: npm passes on a Ctrl-C that its script has had from the terminal itself. */
const SAME_PRESS_MS = 500;

/** Calls `first` on Ctrl-C, SIGTERM or a closed terminal, and `again` when that is repeated. */
export function onStopSignal(first: () => void, again: () => void): void {
  let firstAt: number | undefined;
  const heard = () => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      first();
    } else if (Date.now() - firstAt > SAME_PRESS_MS) {
      again();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, heard);
}
