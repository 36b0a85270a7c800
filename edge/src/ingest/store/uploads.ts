// An upload as a source of a video; what makes and ends one is in uploads/.

export interface UploadRow {
  id: string;
  tenant: string;
  status: "open" | "verifying" | "ready" | "failed";
  via: "worker" | "s3";
  object_key: string;
  multipart_id: string;
  bytes: number;
  part_bytes: number;
  content_type: string | null;
  declared_sha256: string | null;
  sha256: string | null;
  problem: string | null;
  created_at: string;
  expires_at: string;
}

/** A tenant's upload, unless it has expired. */
export function findUpload(
  db: D1Database,
  tenant: string,
  id: string,
  nowIso: string,
): Promise<UploadRow | null> {
  return db
    .prepare("SELECT * FROM uploads WHERE id = ? AND tenant = ? AND expires_at > ?")
    .bind(id, tenant, nowIso)
    .first<UploadRow>();
}
