import type { ReferenceKey } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { ReferenceRow } from "./store/reference-row.ts";

/**
 * The row that stands for this video under this id, undefined when it went away meanwhile. Without an id of
 * the client's own, the same content under any id is the same reference.
 */
export function holderOf(
  { byId, byContent }: { byId: ReferenceRow | undefined; byContent: ReferenceRow | undefined },
  { id, library }: ReferenceKey,
  sha256: string,
  idChosen: boolean,
): ReferenceRow | undefined {
  if (byId !== undefined && byId.sha256 !== sha256) {
    throw new ProblemError(
      "reference_id_conflict",
      `"${id}" names another video in the library "${library}". Choose another id, or delete that one first.`,
      { referenceId: id },
    );
  }
  if (byContent !== undefined && byContent.id !== id && idChosen) {
    throw new ProblemError(
      "reference_content_conflict",
      `This very video is in the library "${library}" as "${byContent.id}". Use that one, or delete it first.`,
      { referenceId: byContent.id },
    );
  }
  return byContent;
}
