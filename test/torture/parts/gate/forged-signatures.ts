// Signatures that a stranger may come with: none, or genuine ones of something else.

import {
  CONTENT_HEADER,
  EMPTY_SHA256,
  NONCE_HEADER,
  SIGNATURE_HEADER,
  signRequest,
  TIMESTAMP_HEADER,
} from "@twinframe/shared/signing";

export interface Forged {
  /** As sent. */
  method: string;
  target: string;
  /** The route's own path, which is not the target where that is spelled otherwise. */
  path: string;
  /** As it is read, without its framing. */
  body: string;
}

type Headers = Record<string, string>;
type Forge = (secret: string, forged: Forged) => Promise<Headers>;

const of = ({ method, target, body }: Forged) => ({ method, path: target, body });
const without =
  (name: string): Forge =>
  async (secret, forged) =>
    Object.fromEntries(
      Object.entries(await signRequest(secret, of(forged))).filter(([header]) => header !== name),
    );
const changed =
  (change: (headers: Headers) => Headers): Forge =>
  async (secret, forged) => {
    const headers = await signRequest(secret, of(forged));
    return { ...headers, ...change(headers) };
  };
const at =
  (shiftMs: number): Forge =>
  (secret, forged) =>
    signRequest(secret, of(forged), Date.now() + shiftMs);

export const FORGERIES: Record<string, Forge> = {
  none: async () => ({}),
  "another secret": (_secret, forged) => signRequest("a secret of somebody else", of(forged)),
  "too old": at(-301_000),
  "too early": at(302_000),
  "another method": (secret, forged) =>
    signRequest(secret, { ...of(forged), method: forged.method === "GET" ? "DELETE" : "GET" }),
  "another path": (secret, forged) => signRequest(secret, { ...of(forged), path: `${forged.target}x` }),
  "another body": (secret, forged) => signRequest(secret, { ...of(forged), body: `${forged.body} ` }),
  "no nonce": without(NONCE_HEADER),
  "no content hash": without(CONTENT_HEADER),
  "no time": without(TIMESTAMP_HEADER),
  "another nonce": changed(() => ({ [NONCE_HEADER]: "x".repeat(22) })),
  "another content hash": changed(() => ({ [CONTENT_HEADER]: EMPTY_SHA256.replace("e", "f") })),
  "first version": changed((headers) => ({
    [SIGNATURE_HEADER]: headers[SIGNATURE_HEADER]!.replace("v2", "v1"),
  })),
  "empty signature": changed(() => ({ [SIGNATURE_HEADER]: "v2=" })),
  "a list of signatures": changed((headers) => ({
    [SIGNATURE_HEADER]: `v2=${"0".repeat(64)}, ${headers[SIGNATURE_HEADER]}`,
  })),
  // Of the very request, but for its plain path: sent so, it would pass.
  "the plain path": (secret, forged) => signRequest(secret, { ...of(forged), path: forged.path }),
};
