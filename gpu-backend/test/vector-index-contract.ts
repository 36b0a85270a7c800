// What every VectorIndex must do, by its three ports. Each implementation's test file calls this with a way to open it.

import { describe } from "vitest";
import { indexAdminContract } from "./index-admin-contract.ts";
import { indexReaderContract } from "./index-reader-contract.ts";
import { ContractSubject, type IndexUnderTest } from "./index-under-test.ts";
import { indexWriterContract } from "./index-writer-contract.ts";

export function vectorIndexContract(name: string, make: () => Promise<IndexUnderTest>): void {
  describe(`${name} as a vector index`, () => {
    const subject = new ContractSubject(make);
    describe("reader", () => indexReaderContract(subject));
    describe("writer", () => indexWriterContract(subject));
    describe("admin", () => indexAdminContract(subject));
  });
}
