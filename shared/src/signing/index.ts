export { SIGNING_SECRET_MIN_LENGTH, sha256Hex, toHex } from "./hmac.ts";
export * from "./request-signature.ts";
export * from "./url-signature.ts";
