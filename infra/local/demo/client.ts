// A client of the public API, as a customer would write it.

import { openAsBlob } from "node:fs";
import { type Check, checkSchema, type Reference, referenceSchema } from "@twinframe/shared/contract";

export class ApiClient {
  readonly #edgeUrl: string;
  readonly #apiKey: string;

  constructor(edgeUrl: string, apiKey: string) {
    this.#edgeUrl = edgeUrl;
    this.#apiKey = apiKey;
  }

  /** Both take the library "default" when none is named. */
  async addReference(
    id: string,
    url: string,
    metadata: Record<string, string>,
    library = "default",
  ): Promise<Reference> {
    const answer = await this.#request(
      "POST",
      "/v1/references",
      JSON.stringify({ id, url, library, metadata }),
      "application/json",
    );
    return referenceSchema.parse(answer);
  }

  async checkFile(file: string, library = "default"): Promise<Check> {
    const body = await openAsBlob(file);
    const path = `/v1/checks?library=${encodeURIComponent(library)}`;
    return this.#settled(
      checkSchema.parse(await this.#request("POST", path, body, "application/octet-stream")),
    );
  }

  async checkUrl(url: string): Promise<Check> {
    const body = JSON.stringify({ url });
    return this.#settled(
      checkSchema.parse(await this.#request("POST", "/v1/checks", body, "application/json")),
    );
  }

  /** A check that took longer than the request waited is asked for until it has ended. */
  async #settled(check: Check): Promise<Check> {
    let current = check;
    while (current.status === "queued" || current.status === "running") {
      await new Promise((resolve) => setTimeout(resolve, 500));
      current = checkSchema.parse(await this.#request("GET", `/v1/checks/${current.id}`));
    }
    if (current.problem) throw new Error(`${current.problem.title}: ${current.problem.detail}`);
    return current;
  }

  async #request(
    method: string,
    path: string,
    body: string | Blob | null = null,
    contentType?: string,
  ): Promise<unknown> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#apiKey}` };
    if (contentType) headers["content-type"] = contentType;
    const response = await fetch(this.#edgeUrl + path, { method, headers, body });
    const answer = (await response.json()) as { title?: string; detail?: string };
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${answer.title}. ${answer.detail}`);
    return answer;
  }
}
