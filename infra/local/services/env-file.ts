// The file from which wrangler reads the Worker's settings. wrangler reads it with dotenv and then expands
// `$NAME`; this writes the values so that exactly they come out again.

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function envFileText(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (!NAME.test(name)) throw new Error(`"${name}" is no name for a setting: use letters, digits and _.`);
      return `${name}=${quoted(name, value)}\n`;
    })
    .join("");
}

function quoted(name: string, value: string): string {
  const escaped = value.replaceAll("$", "\\$");
  // dotenv has no escapes inside quotes and takes `\'` for no end of them: each form has values it cannot hold.
  const ends = escaped.endsWith("\\");
  if (!ends && !escaped.includes("\r")) {
    for (const quote of ["'", "`"]) if (!escaped.includes(quote)) return quote + escaped + quote;
  }
  if (!ends && !escaped.includes('"') && !/\\[nr]/.test(escaped)) {
    return `"${escaped.replaceAll("\r", "\\r")}"`;
  }
  if (/^[^#\r\n]+$/.test(escaped) && escaped.trim() === escaped && !/^['"`]/.test(escaped)) return escaped;
  throw new Error(
    `The value of ${name} mixes quotes, line ends or backslashes in a way that wrangler's env file cannot hold. ` +
      "Choose another one.",
  );
}
