export * from "./request-signature.ts";
export * from "./url-signature.ts";
