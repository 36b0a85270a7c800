// Writes a stream of chunks into one object, of known length or not. A chunk may be reused once `write` has
// resolved.

export interface ObjectWriter {
  write(chunk: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

const PART_BYTES = 8 * 1024 * 1024;

export function openObject(bucket: R2Bucket, key: string, bytes: number | null): ObjectWriter {
  return bytes === null ? multipart(bucket, key) : singlePut(bucket, key, bytes);
}

function singlePut(bucket: R2Bucket, key: string, bytes: number): ObjectWriter {
  const { readable, writable } = new FixedLengthStream(bytes);
  const writer = writable.getWriter();
  const stored = bucket.put(key, readable);
  stored.catch(() => {});
  return {
    write: (chunk) => writer.write(chunk),
    async commit() {
      await writer.close();
      await stored;
    },
    async discard() {
      await writer.abort(new Error("discarded")).catch(() => {});
      await stored.catch(() => {});
      await bucket.delete(key);
    },
  };
}

/** R2 wants the length of a single put beforehand, and parts of one size; so one part is buffered. */
function multipart(bucket: R2Bucket, key: string): ObjectWriter {
  const part = new Uint8Array(PART_BYTES);
  const parts: R2UploadedPart[] = [];
  let upload: R2MultipartUpload | null = null;
  let filled = 0;

  async function flush() {
    upload ??= await bucket.createMultipartUpload(key);
    parts.push(await upload.uploadPart(parts.length + 1, part.subarray(0, filled)));
    filled = 0;
  }

  return {
    async write(chunk) {
      for (let rest = chunk; rest.byteLength > 0; ) {
        const room = rest.subarray(0, PART_BYTES - filled);
        part.set(room, filled);
        filled += room.byteLength;
        rest = rest.subarray(room.byteLength);
        if (filled === PART_BYTES) await flush();
      }
    },
    async commit() {
      if (upload === null) {
        await bucket.put(key, part.subarray(0, filled));
        return;
      }
      if (filled > 0) await flush();
      await upload.complete(parts);
    },
    async discard() {
      await upload?.abort();
      await bucket.delete(key);
    },
  };
}
