// The many ways to write one address: what a router may read as another one than whoever looks at the text.

export interface Spelling {
  kind: string;
  /** What stands in the request line. */
  target: string;
}

const hex = (char: string) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
const encoded = (text: string) => text.replace(/[A-Za-z0-9_-]/g, hex);

/** `path` begins with a slash and has no query. */
export function spellingsOf(path: string): Spelling[] {
  const segments = path.slice(1).split("/");
  const [first = "", ...rest] = segments;
  const after = rest.length === 0 ? "" : `/${rest.join("/")}`;
  const spelled: [string, string][] = [
    ["plain", path],
    ["first letter encoded", `/${hex(first[0]!)}${first.slice(1)}${after}`],
    ["letters encoded", `/${segments.map(encoded).join("/")}`],
    ["letters encoded, upper-case hex", `/${segments.map((one) => encoded(one).toUpperCase()).join("/")}`],
    ["last segment encoded", `/${[...segments.slice(0, -1), encoded(segments.at(-1)!)].join("/")}`],
    ["letters encoded twice", `/${segments.map((one) => encoded(one).replaceAll("%", "%25")).join("/")}`],
    ["slashes encoded", `/${segments.join("%2f")}`],
    ["slashes encoded, upper-case hex", `/${segments.join("%2F")}`],
    ["first slash encoded", `/%2f${path.slice(1)}`],
    ["backslashes", `/${segments.join("\\")}`],
    ["backslashes encoded", `/${segments.join("%5c")}`],
    ["absolute http", `http://any${path}`],
    ["absolute https", `https://any.example:8443${path}`],
    ["absolute, upper case", `HTTP://ANY${path}`],
    ["absolute with a user", `http://livez@any${path}`],
    ["absolute, first letter encoded", `http://any/${hex(first[0]!)}${first.slice(1)}${after}`],
    ["absolute, another scheme", `ftp://any${path}`],
    ["without its slash", path.slice(1)],
    ["slash doubled in front", `/${path}`],
    ["slashes doubled", path.replaceAll("/", "//")],
    ["slash at the end", `${path}/`],
    ["dot segment", `/./${path.slice(1)}`],
    ["dot segment at the end", `${path}/.`],
    ["two dots", `/livez/..${path}`],
    ["two dots, encoded", `/livez/%2e%2e${path}`],
    ["two dots, their slash encoded", `/livez%2f..${path}`],
    ["two dots within", `/${first}/x/..${after}`],
    ["parameter of the first segment", `/${first};a=b${after}`],
    ["parameter of the last segment", `${path};a=b`],
    ["semicolon for a question mark", `${path};access=public`],
    ["another path's parameter", `/livez;${path}`],
    ["upper case", path.toUpperCase()],
    ["capitals", path.replace(/\/([a-z])/g, (_, letter: string) => `/${letter.toUpperCase()}`)],
    ["query", `${path}?x=1`],
    ["empty query", `${path}?`],
    ["public path in the query", `${path}?/livez`],
    ["public path before the query", `/livez?${path}`],
    ["fragment", `${path}#/livez`],
    ["public path before the fragment", `/livez#${path}`],
    ["NUL encoded", `${path}%00`],
    ["tab encoded", `/${first}%09${after}`],
    ["over-long UTF-8", `/%c1%a9${first.slice(1)}${after}`],
    ["half an encoding", `${path}%`],
    ["no encoding at all", `${path}%zz`],
    ["full-width letters", `/${encodeURIComponent("ｉ")}${first.slice(1)}${after}`],
  ];
  return spelled.map(([kind, target]) => ({ kind, target }));
}
