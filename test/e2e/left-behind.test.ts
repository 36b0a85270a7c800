// What stays of a video and of secrets once a check has ended: nothing.

import { openAsBlob } from "node:fs";
import { describe, expect, test } from "vitest";
import { query } from "./api.ts";
import { edited, longClip, scene } from "./clips.ts";
import { api, fileUrl, shared, upstreamUrl } from "./running.ts";
import { allLogs, backendVideos, signingSecret, storedObjects } from "./stored-state.ts";
import { until } from "./until.ts";

const { stateDir } = shared;
const library = "left-behind";
/** Explanations stay for a week; they are no videos. */
const storedVideos = () => storedObjects(stateDir).filter((key) => !key.startsWith("explanations/"));
const noneLeft = () =>
  until("no video in the store and on the backend's disk", () =>
    storedVideos().length === 0 && backendVideos(stateDir).length === 0 ? true : undefined,
  );

describe("the bytes of a video", () => {
  test("are kept while it is analysed, and gone when that has ended", async () => {
    const path = `/v1/checks${query({ library })}`;
    const ask = { bytes: await openAsBlob(await longClip("10")), headers: { prefer: "wait=0" } };
    const { body } = await api.ask("POST", path, ask);
    expect(storedObjects(stateDir)).toContain(`intake/${body.id}`);
    await until("a video on the backend's disk", () => backendVideos(stateDir).length > 0 || undefined);
    expect(await api.settled(body.id)).toMatchObject({ status: "completed" });
    await noneLeft();
  });

  test("are gone after every other ending too", async () => {
    const file = await scene("valley");
    await api.addReference(file, { id: "kept-as-numbers", library });
    await api.check(file, { library });
    for (const url of [upstreamUrl("/short"), upstreamUrl("/reset"), fileUrl(import.meta.filename)]) {
      expect((await api.ask("POST", "/v1/checks", { json: { url, library } })).status).toBeGreaterThan(400);
    }
    await noneLeft();
  });
});

describe("the logs of both services", () => {
  test("name requests, and no secret", async () => {
    const url = fileUrl(await scene("spiral"), "v.mp4", "?X-Amz-Signature=of-the-user&token=also-secret");
    const { headers } = await api.ask("POST", "/v1/checks", { json: { url, library } });
    const requestId = headers.get("x-request-id")!;
    const logs = await until("the request's line in the log", () => {
      const text = allLogs(stateDir);
      return text.includes(requestId) ? text : undefined;
    });
    expect(logs).toContain("/internal/analyses/");
    const secrets = [
      ...[shared.apiKey, signingSecret(stateDir), ...Object.values(shared.keys)],
      ...["of-the-user", "also-secret"],
    ];
    // Not the logs themselves in a failure's message.
    expect(secrets.filter((secret) => logs.includes(secret))).toEqual([]);
    expect(/signature=/i.exec(logs)?.index).toBeUndefined();
  });

  test("hold no matrix of a check that was asked to explain", async () => {
    const check = await api.check(await edited(await scene("valley"), "grey"), { library, explain: "true" });
    const png = check.explanation?.candidates[0]?.matrix?.png_base64 ?? "";
    expect(png).toMatch(/^iVBORw0KGgo/);
    const logs = await until("the analysis' line in the log", () => {
      const text = allLogs(stateDir);
      return text.includes(check.id) ? text : undefined;
    });
    expect(logs.includes("iVBORw0KGgo") || logs.includes("png_base64")).toBe(false);
  });
});
