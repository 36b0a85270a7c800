// What a service inherits from whoever starts it: nearly all, less what would change how it behaves.

const NOT_INHERITED = [
  // A test runner's marks: wrangler would build for tests.
  /^VITEST/,
  /^NODE_ENV$/,
  // They switch wrangler to another environment or another source of settings.
  /^CLOUDFLARE_ENV$/,
  /^CLOUDFLARE_INCLUDE_PROCESS_ENV$/,
  /^DOTENV_/,
  // The services know the key by its hash alone.
  /^TWINFRAME_API_KEY$/,
  // Colours make a log hard to read.
  /^FORCE_COLOR$/,
];

export function childEnvironment(own: Record<string, string>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !NOT_INHERITED.some((pattern) => pattern.test(name)),
  );
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...own };
}
