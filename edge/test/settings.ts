// The Worker's settings under test: limits small enough to be run into.

export const SIGNING_SECRET = "a secret only for tests";
export const WEBHOOK_SECRET_KEY = "a key only for the webhooks of the tests";
export const API_KEY = "the-bootstrap-key-of-the-tests";
export const METRICS_TOKEN = "a-token-only-for-the-metrics";
export const MAX_BYTES = 20 * 1024 * 1024;
export const IDLE_TIMEOUT_MS = 1500;
export const TIMEOUT_MS = 5000;
export const WEBHOOK_TIMEOUT_MS = 400;
export const BUCKET = { name: "test-bucket", accessKeyId: "test-key-id", secretAccessKey: "test secret key" };
