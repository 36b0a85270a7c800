// A server that speaks S3 as others have written it (@20minutes/s3rver): signatures checked, objects in a folder.

import { readFile } from "node:fs/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

interface Server {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
}
type ServerClass = new (options: object) => Server;

export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

export interface S3TestServer extends AsyncDisposable {
  endpoint: string;
  /** Puts a file, or bytes. */
  put(bucket: string, key: string, content: string | Uint8Array): Promise<void>;
}

export async function startS3(directory: string, buckets: string[]): Promise<S3TestServer> {
  // It has no types of its own.
  const name: string = "@20minutes/s3rver";
  const { default: S3rver } = (await import(name)) as { default: ServerClass };
  const configureBuckets = buckets.map((bucket) => ({ name: bucket, configs: [] }));
  const options = { address: "127.0.0.1", port: 0, silent: true, directory, configureBuckets };
  const server = new S3rver(options);
  const endpoint = `http://127.0.0.1:${(await server.run()).port}`;
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
  });
  return {
    endpoint,
    put: async (bucket, key, content) => {
      const body = typeof content === "string" ? await readFile(content) : content;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await server.close();
    },
  };
}
