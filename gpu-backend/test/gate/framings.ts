// The ways in which a request's body, or none, can be sent.

export interface Framing {
  kind: string;
  /** Header lines besides Host and the credential. */
  lines: readonly string[];
  /** As it goes over the wire, behind the empty line. */
  body: string;
  /** What is read of it, where chunks are around it. */
  content?: string;
  /** Of the route's own, where it is another. */
  method?: "POST" | "GET";
  version?: "1.0";
}

const JSON_TYPE = "content-type: application/json";
const CHUNKED = "transfer-encoding: chunked";

export const FRAMINGS: readonly Framing[] = [
  { kind: "no body", lines: [], body: "" },
  { kind: "empty JSON", lines: [JSON_TYPE, "content-length: 0"], body: "" },
  { kind: "JSON", lines: [JSON_TYPE, "content-length: 2"], body: "{}" },
  { kind: "chunked", lines: [JSON_TYPE, CHUNKED], body: "2\r\n{}\r\n0\r\n\r\n", content: "{}" },
  { kind: "chunked and empty", lines: [CHUNKED], body: "0\r\n\r\n", content: "" },
  { kind: "chunked, untyped", lines: [CHUNKED], body: "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", content: "{}" },
  {
    kind: "chunked with a trailer",
    lines: [JSON_TYPE, CHUNKED, "trailer: x-twinframe-signature"],
    body: "2\r\n{}\r\n0\r\nx-twinframe-signature: v2=00\r\n\r\n",
    content: "{}",
  },
  { kind: "untyped", lines: ["content-length: 2"], body: "{}" },
  { kind: "text", lines: ["content-type: text/plain", "content-length: 2"], body: "{}" },
  {
    kind: "form that names a method",
    lines: ["content-type: application/x-www-form-urlencoded", "content-length: 14"],
    body: "_method=DELETE",
  },
  { kind: "nonsense type", lines: ["content-type: ;;;", "content-length: 2"], body: "{}" },
  { kind: "expects 100", lines: [JSON_TYPE, "content-length: 2", "expect: 100-continue"], body: "{}" },
  {
    kind: "length and chunks",
    lines: [JSON_TYPE, "content-length: 2", CHUNKED],
    body: "0\r\n\r\n",
    content: "",
  },
  {
    kind: "another method in a header",
    lines: ["x-http-method-override: DELETE", "x-method-override: PUT", "content-length: 0"],
    body: "",
    method: "POST",
  },
  { kind: "as a GET", lines: [JSON_TYPE, "content-length: 2"], body: "{}", method: "GET" },
  { kind: "upgrade", lines: ["connection: upgrade", "upgrade: websocket"], body: "" },
  { kind: "HTTP/1.0", lines: [], body: "", version: "1.0" },
];
