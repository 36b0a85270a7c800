import { ProblemError } from "@twinframe/shared/problem";
import type { LinkSource, ObjectSource, VideoStore } from "./video-store.ts";

export { createLinkStore } from "./link-store.ts";
export type { ObjectStore } from "./object-store.ts";
export { removeLeftoverVideos } from "./temporary-file.ts";
export type {
  LinkSource,
  ObjectSource,
  VideoStore,
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
