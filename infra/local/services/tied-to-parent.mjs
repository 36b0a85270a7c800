// Loaded first (`node --import`) into every service: when the process that started it dies without a goodbye
// (kill -9, a test runner's time-out), the service must not stay behind holding its port and its state.

const LAST_WORD_MS = 5_000;

function endGroup() {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    // Not the leader of a group: it has nobody else to end.
    process.kill(process.pid, "SIGKILL");
  }
}

if (process.channel) {
  process.once("disconnect", () => {
    process.once("exit", endGroup);
    setTimeout(endGroup, LAST_WORD_MS).unref();
    process.kill(process.pid, "SIGTERM");
  });
  // Listening to the channel must not keep a service alive that has finished.
  process.channel.unref();
}
