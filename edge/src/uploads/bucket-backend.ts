// Parts that clients PUT straight to R2, over signed links: its S3 interface, since bindings sign none.

import { AwsClient, AwsV4Signer } from "aws4fetch";
import type { BucketAccess } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";
import { answerText, element, elements } from "./bucket-answer.ts";
import { bytesOfPart } from "./parts.ts";
import { storeUnavailable } from "./store-unavailable.ts";
import type { StoredPart, UploadBackend } from "./upload-backend.ts";

/** Joining hundreds of parts takes the bucket a while. */
const ANSWER_MS = 60_000;

const partXml = ({ part, etag }: StoredPart) =>
  `<Part><PartNumber>${part}</PartNumber><ETag>${etag}</ETag></Part>`;

export function bucketUploadBackend({
  endpoint,
  bucket,
  accessKeyId,
  secretAccessKey,
}: BucketAccess): UploadBackend {
  const credentials = { accessKeyId, secretAccessKey, service: "s3", region: "auto" };
  const client = new AwsClient({ ...credentials, retries: 1 });
  const addressOf = (objectKey: string, query: Record<string, string>) =>
    `${endpoint}/${bucket}/${objectKey}?${new URLSearchParams(query)}`;

  async function send(method: string, address: string, body?: string): Promise<string> {
    const request = client.fetch(address, { method, ...(body === undefined ? {} : { body }) });
    const answer = request.then(async (response) => ({ ok: response.ok, xml: await answerText(response) }));
    const { ok, xml } = await within(answer, { ms: ANSWER_MS, expired: storeUnavailable }).catch((error) => {
      throw storeUnavailable(error);
    });
    // Joining may fail after its status has been sent.
    if (!ok || xml.includes("<Error>")) throw storeUnavailable(`${method}: ${element(xml, "Code")}`);
    return xml;
  }

  return {
    async begin(objectKey) {
      const id = element(await send("POST", addressOf(objectKey, { uploads: "" })), "UploadId");
      if (id === "") throw storeUnavailable("no upload id");
      return id;
    },

    async parts({ object_key, multipart_id: uploadId }) {
      const parts: StoredPart[] = [];
      for (let after = "0"; ; ) {
        const query = { uploadId, "max-parts": "1000", "part-number-marker": after };
        const xml = await send("GET", addressOf(object_key, query));
        for (const one of elements(xml, "Part")) {
          const [part, bytes] = [Number(element(one, "PartNumber")), Number(element(one, "Size"))];
          parts.push({ part, bytes, etag: element(one, "ETag") });
        }
        if (element(xml, "IsTruncated") !== "true") return parts;
        after = element(xml, "NextPartNumberMarker");
      }
    },

    async partUrl(upload, part) {
      const query = { partNumber: String(part), uploadId: upload.multipart_id };
      const url = new URL(addressOf(upload.object_key, query));
      const lifeS = Math.ceil((Date.parse(upload.expires_at) - Date.now()) / 1000);
      url.searchParams.set("X-Amz-Expires", String(Math.max(1, lifeS)));
      // With its length signed, the link takes this part and no larger one.
      const headers = { "content-length": String(bytesOfPart(upload, part)) };
      const request = { method: "PUT", url: url.href, headers, signQuery: true, allHeaders: true };
      return (await new AwsV4Signer({ ...credentials, ...request }).sign()).url.href;
    },

    async join({ object_key, multipart_id: uploadId }, parts) {
      const body = `<CompleteMultipartUpload>${parts.map(partXml).join("")}</CompleteMultipartUpload>`;
      await send("POST", addressOf(object_key, { uploadId }), body);
    },

    async abort({ object_key, multipart_id: uploadId }) {
      await send("DELETE", addressOf(object_key, { uploadId }));
    },
  };
}
