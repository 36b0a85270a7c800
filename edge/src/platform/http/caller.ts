// Who a request speaks for, as `auth` has found it out.

/** What may be limited, in requests; null where the Worker's settings say it. */
export interface OwnLimits {
  perMinute: number | null;
  perDay: number | null;
}

export interface Caller {
  tenant: string;
  /** SHA-256 of the key as it was sent. */
  keyHash: string;
  keyId: string;
  scopes: readonly string[];
  limits: OwnLimits;
  /** The bootstrap key, or one with the scope `operator`: it may make keys for every tenant. */
  operator: boolean;
}
