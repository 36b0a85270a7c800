// The one list of what can go wrong: code → HTTP status and title (RFC 9457). The code is what clients
// switch on; it never changes its meaning. The detail of each occurrence says what to do about it.

export const PROBLEMS = {
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  invalid_request: { status: 400, title: "The request does not have the expected shape" },
  invalid_url: { status: 400, title: "The URL cannot be fetched" },
  missing_api_key: { status: 401, title: "An API key is needed" },
  invalid_api_key: { status: 401, title: "The API key is not valid" },
  bad_signature: { status: 401, title: "The request is not signed as it must be" },
  insufficient_scope: { status: 403, title: "The API key may not do this" },
  source_address_refused: { status: 403, title: "The address may not be fetched" },
  not_found: { status: 404, title: "There is nothing here" },
  reference_not_found: { status: 404, title: "No such reference" },
  check_not_found: { status: 404, title: "No such check" },
  import_not_found: { status: 404, title: "No such import" },
  analysis_not_found: { status: 404, title: "No such analysis" },
  object_not_found: { status: 404, title: "No such object" },
  method_not_allowed: { status: 405, title: "This resource does not take that method" },
  upload_timeout: { status: 408, title: "The upload took too long" },
  reference_id_conflict: { status: 409, title: "The id names another video" },
  reference_content_conflict: { status: 409, title: "The video is in the library under another id" },
  check_cancelled: { status: 409, title: "The check was cancelled" },
  check_finished: { status: 409, title: "The check has ended" },
  check_unfinished: { status: 409, title: "The check has not ended" },
  not_in_review: { status: 409, title: "The verdict is not one to decide" },
  import_finished: { status: 409, title: "The import has ended" },
  analysis_conflict: { status: 409, title: "The analysis id belongs to another request" },
  precondition_failed: { status: 412, title: "The resource is no longer what If-Match names" },
  video_too_large: { status: 413, title: "The video is larger than allowed" },
  request_too_large: { status: 413, title: "The request is larger than allowed" },
  unsupported_media_type: { status: 415, title: "The content type is not accepted" },
  not_a_video: { status: 415, title: "The content is not a video" },
  empty_video: { status: 422, title: "The video has no bytes" },
  unreadable_video: { status: 422, title: "The video cannot be read" },
  truncated_video: { status: 422, title: "The video ends before it should" },
  no_video_stream: { status: 422, title: "There is no picture in the file" },
  zero_duration: { status: 422, title: "The video has no duration" },
  video_too_long: { status: 422, title: "The video is longer than allowed" },
  media_limit_exceeded: { status: 422, title: "The video needs more work than allowed" },
  source_rejected: { status: 422, title: "The address did not give the video" },
  too_many_redirects: { status: 422, title: "The address redirects too often" },
  internal_error: { status: 500, title: "Something went wrong on our side" },
  backend_unavailable: { status: 503, title: "The analysis service is not available" },
  index_unavailable: { status: 503, title: "The index is not available" },
  index_full: { status: 503, title: "The index is full" },
  overloaded: { status: 503, title: "Too much work is waiting" },
  analysis_timeout: { status: 504, title: "The analysis takes longer than the request may wait" },
  source_timeout: { status: 504, title: "The address took too long" },
  source_failed: { status: 504, title: "The address failed" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Codes where the same request may succeed later: never cached, never a verdict. */
export function isTransient(code: ProblemCode): boolean {
  return PROBLEMS[code].status >= 500;
}
