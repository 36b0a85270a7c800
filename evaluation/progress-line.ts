/** `label 12/40`, rewritten in place on a terminal and every tenth elsewhere. */
export function progressLine(label: string, total: number): () => void {
  let done = 0;
  return () => {
    done++;
    const text = `${label} ${done}/${total}`;
    if (process.stderr.isTTY) process.stderr.write(`\r${text}${done === total ? "\n" : ""}`);
    else if (done === total || done % 10 === 0) process.stderr.write(`${text}\n`);
  };
}
