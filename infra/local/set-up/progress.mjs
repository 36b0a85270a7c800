// What set-up shows while it works. All of it goes to stderr: stdout belongs to the script.

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** An error that is meant for the person at the terminal: shown without a stack. */
export function errorForUser(message) {
  return Object.assign(new Error(message), { forUser: true });
}

/** Runs `work` under a line that counts the seconds; a log file gets the first and the last line only. */
export async function withProgress(label, work) {
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  const live = process.stderr.isTTY === true;
  const draw = () => process.stderr.write(`\r${label} … ${seconds()} s`);
  if (live) draw();
  else say(`${label} …`);
  const timer = live ? setInterval(draw, 1000) : undefined;
  try {
    const result = await work();
    process.stderr.write(`${live ? "\r" : ""}${label} … done in ${seconds()} s\n`);
    return result;
  } catch (error) {
    if (live) process.stderr.write("\n");
    throw error;
  } finally {
    clearInterval(timer);
  }
}
