import { ProblemError } from "@twinframe/shared/problem";
import type { LinkSource, ObjectSource, VideoStore } from "./video-store.ts";

export type { BytesDigest } from "./digest-bytes.ts";
export { createLinkStore, type LinkStoreOptions } from "./link-store.ts";
export type { ObjectStore, ObjectStoreOptions } from "./object-store.ts";
export { removeLeftoverVideos } from "./temporary-file.ts";
export {
  DEFAULT_FETCH_TIMEOUTS,
  type FetchedVideo,
  type FetchOptions,
  type FetchTimeouts,
  type LinkSource,
  type ObjectSource,
  type VideoStore,
} from "./video-store.ts";

/** One store for both kinds of source; without an object store, `object` sources are refused. */
export function createVideoStore(
  links: VideoStore<LinkSource>,
  objects: VideoStore<ObjectSource> | null,
): VideoStore {
  return {
    async fetchToFile(source, options) {
      if (source.kind === "url") return await links.fetchToFile(source, options);
      if (objects === null)
        throw new ProblemError("source_address_refused", "This service has no object store configured.");
      return await objects.fetchToFile(source, options);
    },
  };
}
