// Bytes that look like a video to the intake, different for every seed: nobody here decodes them.

const HEAD = new TextEncoder().encode("\0\0\0\u0018ftypmp42\0\0\0\0mp42isom");

export function videoBytes(size: number, seed: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = 2166136261;
  for (const char of seed) state = Math.imul(state ^ char.charCodeAt(0), 16777619);
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  bytes.set(HEAD);
  return bytes;
}

export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
