// The multipart part of S3's interface, over real HTTP: every request must be signed by the rules (Signature
// Version 4), in its headers or in its query. Lists two parts a page. `/_objects/KEY` gives what was joined, and
// `/_open` how many uploads are not.

import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BUCKET } from "./settings.ts";

const PAGE = 2;

interface Multipart {
  key: string;
  parts: Map<number, Buffer>;
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const etagOf = (bytes: Buffer) => `"${createHash("md5").update(bytes).digest("hex")}"`;

/** What is wrong with a request's signature; null when nothing is. */
function fault(request: IncomingMessage, url: URL): string | null {
  const query = new Map(url.searchParams);
  const inQuery = query.get("X-Amz-Signature");
  const header = request.headers.authorization ?? "";
  const said = (name: string) => new RegExp(`${name}=([^, ]+)`).exec(header)?.[1] ?? "";
  const signature = inQuery ?? said("Signature");
  const credential = query.get("X-Amz-Credential") ?? said("Credential");
  const names = query.get("X-Amz-SignedHeaders") ?? said("SignedHeaders");
  const date = query.get("X-Amz-Date") ?? String(request.headers["x-amz-date"]);
  const [keyId, ...scope] = credential.split("/");
  if (keyId !== BUCKET.accessKeyId) return "InvalidAccessKeyId";
  if (inQuery !== undefined) {
    const madeMs = Date.parse(date.replace(/(....)(..)(..T..)(..)/, "$1-$2-$3:$4:"));
    if (Date.now() > madeMs + 1000 * Number(query.get("X-Amz-Expires"))) return "AccessDenied";
  }
  query.delete("X-Amz-Signature");
  const canonical = [
    request.method,
    url.pathname,
    [...query]
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .sort()
      .join("&"),
    ...names.split(";").map((name) => `${name}:${request.headers[name]}`),
    "",
    names,
    inQuery === undefined ? request.headers["x-amz-content-sha256"] : "UNSIGNED-PAYLOAD",
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${BUCKET.secretAccessKey}`);
  return hmac(key, text).toString("hex") === signature ? null : "SignatureDoesNotMatch";
}

export function createFakeBucket(): Server {
  const open = new Map<string, Multipart>();
  const objects = new Map<string, Buffer>();

  function list({ parts }: Multipart, after: number): string {
    const later = [...parts].filter(([part]) => part > after).sort(([a], [b]) => a - b);
    const page = later.slice(0, PAGE);
    const told = page.map(
      ([part, bytes]) =>
        `<Part><PartNumber>${part}</PartNumber><ETag>${etagOf(bytes).replaceAll('"', "&quot;")}</ETag>` +
        `<Size>${bytes.length}</Size></Part>`,
    );
    const more = `<IsTruncated>${later.length > PAGE}</IsTruncated>`;
    const marker = `<NextPartNumberMarker>${page.at(-1)?.[0] ?? 0}</NextPartNumberMarker>`;
    return `<ListPartsResult>${told.join("")}${more}${marker}</ListPartsResult>`;
  }

  function join(id: string, { key, parts }: Multipart, xml: string): boolean {
    const named = [...xml.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
    const bytes = named.map(([, part, etag]) => {
      const stored = parts.get(Number(part));
      return stored && etagOf(stored) === etag!.replaceAll("&quot;", '"') ? stored : null;
    });
    if (bytes.length === 0 || bytes.includes(null)) return false;
    objects.set(key, Buffer.concat(bytes as Buffer[]));
    open.delete(id);
    return true;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url!, `http://${request.headers.host}`);
    if (url.pathname === "/_open") return response.end(String(open.size));
    if (url.pathname.startsWith("/_objects/")) return response.end(objects.get(url.pathname.slice(10)));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const refuse = (status: number, code: string) =>
      response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
    const wrong = fault(request, url);
    if (wrong !== null) return refuse(403, wrong);
    const prefix = `/${BUCKET.name}/`;
    if (!url.pathname.startsWith(prefix)) return refuse(404, "NoSuchBucket");
    if (request.method === "POST" && url.searchParams.has("uploads")) {
      const id = `multipart/+${open.size + objects.size}`;
      open.set(id, { key: url.pathname.slice(prefix.length), parts: new Map() });
      return response.end(
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const id = url.searchParams.get("uploadId") ?? "";
    const multipart = open.get(id);
    if (multipart === undefined) return refuse(404, "NoSuchUpload");
    switch (request.method) {
      case "PUT":
        multipart.parts.set(Number(url.searchParams.get("partNumber")), body);
        return response.end();
      case "GET":
        return response.end(list(multipart, Number(url.searchParams.get("part-number-marker"))));
      case "POST":
        // As the real one: the status is sent before the outcome is known.
        return response.end(
          join(id, multipart, String(body)) ? "<Done/>" : "<Error><Code>InvalidPart</Code></Error>",
        );
      default:
        open.delete(id);
        return response.writeHead(204).end();
    }
  }

  return createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error("fake bucket:", error);
      response.destroy();
    });
  });
}
