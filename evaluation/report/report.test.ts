import { describe, expect, it } from "vitest";
import { evaluationOf } from "../testing-evaluation.ts";
import { worstFalseAlarms, worstMisses } from "./cases.ts";
import { dataUri, html } from "./html.ts";
import { reportPage } from "./report.ts";

const HOSTILE = `"><script>alert('x')</script>&amp;`;

describe("the report", () => {
  it("escapes every name that comes from outside, and asks nothing of the network", () => {
    const { evaluation, checked, labels } = evaluationOf(
      [
        { query: HOSTILE, reference: "r1", score: 0.4, verdict: "review" },
        { query: "n1", reference: HOSTILE, score: 0.9, verdict: "duplicate" },
      ],
      { query: HOSTILE, edit: HOSTILE, set: HOSTILE, unreadable: [`${HOSTILE}: ${HOSTILE}`] },
    );
    evaluation.remarks = [HOSTILE];
    evaluation.model.id = HOSTILE;
    evaluation.methods[0].name = HOSTILE;
    const pictures = { matrix: null, query: [{ atS: 1, jpeg: Uint8Array.of(1) }], reference: [] };
    const shown = (cases: ReturnType<typeof worstMisses>) => cases.map((one) => ({ shown: one, pictures }));
    const page = reportPage(evaluation, {
      misses: shown(worstMisses(checked, labels)),
      falseAlarms: shown(worstFalseAlarms(checked, labels)),
    });
    expect(page.match(/alert/g)?.length).toBeGreaterThan(10);
    expect(page).not.toMatch(/<script|alert\('/);
    expect(page).not.toMatch(/https?:|@import|url\(/);
    expect(page).toContain("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;");
  });
  it("shows misses by edit in turn, the lowest first, and alarms that were called first", () => {
    const { checked, labels } = evaluationOf([
      { query: "q1", reference: "r1", score: 0.9, verdict: "duplicate" },
      { query: "q1", reference: "r2", score: 0.99, verdict: "review" },
      { query: "n1", reference: "r1", score: 0.8, verdict: "duplicate" },
    ]);
    expect(worstMisses(checked, labels).map(({ queryId, score }) => [queryId, score])).toEqual([["q2", 0]]);
    expect(worstFalseAlarms(checked, labels).map(({ queryId, verdict }) => [queryId, verdict])).toEqual([
      ["n1", "duplicate"],
      ["q1", "review"],
    ]);
  });
});

describe("html", () => {
  it("escapes what is put in, and nothing twice", () => {
    const inner = html`<i>${"<&>"}</i>`;
    expect(html`<b title="${'"x"'}">${inner}${[inner, "'"]}${null}${3}</b>`.text).toBe(
      '<b title="&quot;x&quot;"><i>&lt;&amp;&gt;</i><i>&lt;&amp;&gt;</i>&#39;3</b>',
    );
  });
  it("writes pictures as data", () => {
    expect(dataUri("image/png", Uint8Array.of(1, 2, 3))).toBe("data:image/png;base64,AQID");
  });
});
