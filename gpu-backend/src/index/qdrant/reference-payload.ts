// What the references' collection keeps at a reference's point: the record, the packed track and which frames belong to
// it; or, after a delete, a tombstone until its frames are gone.

import { isOut, type ReferenceRecord } from "../reference-record.ts";
import { contentOf } from "./point-ids.ts";

const TOMBSTONE = "gone:";
const RECORD_FIELDS = [
  "library",
  "id",
  "job",
  "sha256",
  "packets_sha256",
  "duration_s",
  "seen_s",
  "width",
  "height",
];
export const LISTED_FIELDS = [...RECORD_FIELDS, "sampled_frames", "availability", "frames"];

export const HEAD_FIELDS = ["entry", "content", "job", "availability", "frames", "since_ms"];

export interface ReferencePayload {
  library: string;
  tenant: string;
  id: string;
  /** Names the frames that belong to it. */
  entry: string;
  content: string;
  job: string;
  sha256: string;
  packets_sha256: string;
  duration_s: number;
  /** Absent from entries of before it was kept. */
  seen_s?: number | null;
  width: number;
  height: number;
  sampled_frames: number;
  /** Absent from entries that were never taken out of searches, and so is the next. */
  availability?: number;
  /** Whether the availability is odd. */
  out?: boolean;
  frames: number;
  /** `library frames`. */
  tally: string;
  /** When the reference first came, which orders those with the same packets. */
  since_ms: number;
  /** The packed track in base64. */
  track: string;
}

/** The state of a reference's point: an entry, or the tombstone of a deleted one until its frames are removed. */
export type Head =
  | {
      isTombstone: false;
      entry: string;
      content: string;
      job: string;
      availability: number;
      frames: number;
      sinceMs: number;
    }
  | { isTombstone: true; entry: string; removedEntry: string };

/** For an entry and for its frames. */
export const availabilityPayload = (availability: number) =>
  availability === 0 ? {} : { availability, out: isOut(availability) };
export const IS_OUT = { key: "out", match: { value: true } };

export const tenantOf = (library: string) => library.slice(0, library.indexOf("/"));

export function packedContent(record: ReferenceRecord, track: Uint8Array): string {
  const { library, id, jobId, sha256, packetsSha256, durationS, seenS } = record;
  const { width, height, sampledFrames } = record;
  const what = [library, id, jobId, sha256, packetsSha256];
  const fields = [...what, durationS, seenS ?? "", width, height, sampledFrames];
  return contentOf(fields, track);
}

export const recordOf = (payload: ReferencePayload): ReferenceRecord => ({
  library: payload.library,
  id: payload.id,
  jobId: payload.job,
  sha256: payload.sha256,
  packetsSha256: payload.packets_sha256,
  durationS: payload.duration_s,
  seenS: payload.seen_s ?? null,
  width: payload.width,
  height: payload.height,
  sampledFrames: payload.sampled_frames,
  availability: payload.availability ?? 0,
});

/** `payload` with the fields of HEAD_FIELDS. */
export function headOf(payload: ReferencePayload): Head {
  const { entry, content, job, availability = 0, frames, since_ms } = payload;
  if (entry.startsWith(TOMBSTONE))
    return { isTombstone: true, entry, removedEntry: entry.slice(TOMBSTONE.length) };
  return { isTombstone: false, entry, content, job, availability, frames, sinceMs: since_ms };
}

/** Replaces the payload of a deleted entry until its frames are removed. */
export const tombstoneOf = ({ entry }: Head) => ({ entry: TOMBSTONE + entry });

export interface WrittenEntry {
  /** Names the frames that belong to it. */
  key: string;
  content: string;
  frames: number;
}

/** `before`: the state of the point until now. */
export function payloadOf(
  record: ReferenceRecord,
  track: Uint8Array,
  entry: WrittenEntry,
  before: Head | null,
): ReferencePayload {
  return {
    library: record.library,
    tenant: tenantOf(record.library),
    id: record.id,
    entry: entry.key,
    content: entry.content,
    job: record.jobId,
    sha256: record.sha256,
    packets_sha256: record.packetsSha256,
    duration_s: record.durationS,
    seen_s: record.seenS,
    width: record.width,
    height: record.height,
    sampled_frames: record.sampledFrames,
    ...availabilityPayload(record.availability),
    frames: entry.frames,
    tally: `${record.library} ${entry.frames}`,
    since_ms: before && !before.isTombstone ? before.sinceMs : Date.now(),
    track: Buffer.from(track.buffer, track.byteOffset, track.byteLength).toString("base64"),
  };
}
