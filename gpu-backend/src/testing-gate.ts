// For tests of concurrent work: a promise that the test resolves, and a turn of the event loop.

export function gate() {
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  return { open: () => resolve(), opened };
}

export const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
