// A case as the report shows it.

import { share } from "../format.ts";
import type { CasePictures, Thumbnail } from "./case-pictures.ts";
import type { Case } from "./cases.ts";
import { dataUri, type Html, html } from "./html.ts";

const frames = (title: string, thumbnails: Thumbnail[]) =>
  html`<span>${title}</span>${thumbnails.map(({ atS, jpeg }) =>
    jpeg
      ? html`<figure><img src="${dataUri("image/jpeg", jpeg)}" alt=""><figcaption>${atS.toFixed(1)} s</figcaption></figure>`
      : html`<figure><figcaption>no frame at ${atS.toFixed(1)} s</figcaption></figure>`,
  )}`;

export function caseSection(one: Case, { matrix, query, reference }: CasePictures): Html {
  const said = [
    `verdict ${one.verdict}, score ${share(one.score)}`,
    ...(one.edit ? [`edit ${one.edit}`] : []),
    ...(one.sameScene ? ["the same scene, no copy"] : []),
    ...one.found.map(
      ({ query: q, reference: r, speed, score }) =>
        `found ${q.start_s}–${q.end_s} s ↔ ${r.start_s}–${r.end_s} s${speed === 1 ? "" : ` at speed ${speed}`} (${share(score)})`,
    ),
  ];
  const picture = matrix
    ? html`<figure><img class="matrix" src="${dataUri("image/png", matrix.png)}" width="${matrix.width}" height="${matrix.height}" alt="similarity of every query second (down) with every reference second (across)"><figcaption>query ↓ reference →; red: found, white dashes: true</figcaption></figure>`
    : html`<p class="soft">no similarity matrix: one of the two has no frames that tell anything</p>`;
  return html`<section class="case"><h3>${one.queryId} ↔ ${one.referenceId}</h3>
<p class="soft">${said.join(" · ")}</p>
<div class="row">${picture}<div class="frames">${frames("query", query)}${frames("reference", reference)}</div></div></section>`;
}
