// Each test file begins with empty stores: the files share the runtime, whose start costs more than most of them.

import { applyD1Migrations, type D1Migration, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";

const { DB, MIGRATIONS } = env as unknown as { DB: D1Database; MIGRATIONS: D1Migration[] };
await reset();
await applyD1Migrations(DB, MIGRATIONS);

// One line a request would bury what the test runner has to say; errors still show.
console.log = () => {};
