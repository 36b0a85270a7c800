// What waits in the queue. A message names work whose whole state is in D1, so that it may come twice, late,
// or after the work is done.

import type { ReferenceKey } from "@twinframe/shared/contract";

/** `after`: how many attempts there were before, so that a message that comes twice makes one attempt. */
export interface WebhookMessage {
  type: "webhook";
  delivery_id: string;
  after: number;
}

/** Of the operation that sent it, whose trace its consumer goes on with. */
interface Traced {
  traceparent?: string | undefined;
  /** The turn before was over while the work went on at the backend. */
  goes_on?: true;
}

export type JobMessage = Traced & JobWork;

type JobWork =
  /** `tenant` is absent in messages from before it was there. */
  | { type: "check"; check_id: string; tenant?: string }
  | ({ type: "reference"; job_id: string } & ReferenceKey)
  | ({ type: "reference_delete"; job_id: string } & ReferenceKey)
  /** Copies of a turn's message come too late: it is taken once. `idle`: turns before it that had nothing to do. */
  | { type: "import"; import_id: string; turn: number; idle?: number; tenant?: string }
  | { type: "maintenance"; job_id: string; turn: number }
  | { type: "object_delete"; object_key: string }
  | WebhookMessage;
