import type { Upload } from "@twinframe/shared/contract";
import type { UploadRow } from "../ingest/store/uploads.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { uploadBackendOf } from "./choose-backend.ts";
import { bytesOfPart, partCount, partNumbers } from "./parts.ts";

async function receivedParts(context: RequestContext, row: UploadRow): Promise<Set<number>> {
  if (row.status !== "open") return new Set(partNumbers(row));
  const parts = await uploadBackendOf(context, row.via).parts(row);
  return new Set(parts.filter(({ part, bytes }) => bytes === bytesOfPart(row, part)).map(({ part }) => part));
}

export async function uploadView(context: RequestContext, row: UploadRow): Promise<Upload> {
  const received = await receivedParts(context, row);
  const missing = partNumbers(row).filter((part) => !received.has(part));
  const uploadBackend = missing.length === 0 ? null : uploadBackendOf(context, row.via);
  return {
    id: row.id,
    status: row.status,
    bytes: row.bytes,
    content_type: row.content_type,
    sha256: row.sha256,
    part_size_bytes: row.part_bytes,
    parts: partCount(row),
    received_parts: [...received].sort((a, b) => a - b),
    missing_parts: await Promise.all(
      missing.map(async (part) => ({
        part,
        bytes: bytesOfPart(row, part),
        url: await uploadBackend!.partUrl(row, part),
      })),
    ),
    put_with: row.via === "worker" ? "api_key" : "signed_url",
    created_at: row.created_at,
    expires_at: row.expires_at,
    ...(row.problem === null ? {} : { problem: JSON.parse(row.problem) }),
  };
}
