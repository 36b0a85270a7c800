// The report's looks, for light and dark screens and for paper.

import { Html } from "./html.ts";

/** Of a method in every picture. */
export const colourOf = (method: number) => `var(--m${method})`;

export const STYLE = new Html(`
:root { color-scheme: light dark; --ink: #1c1d21; --soft: #667; --rule: #dcdde3; --paper: #fff; --m0: #2563c9; --m1: #c7731f; --m2: #6b8e23; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e7ec; --soft: #9a9cab; --rule: #3a3c46; --paper: #17181c; --m0: #6ea3ff; --m1: #f0a35c; --m2: #a9cc5e; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1080px; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
small, .soft { color: var(--soft); } small { font-size: .82em; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; }
th:first-child { text-align: left; font-weight: 500; padding-left: 0; } thead th { font-weight: 600; vertical-align: bottom; }
.wide { overflow-x: auto; margin-top: 1rem; } .wide th, .wide td { padding: .25rem .5rem; } .wide td small { display: block; }
.row { display: flex; flex-wrap: wrap; gap: 2rem; align-items: flex-start; }
svg { max-width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.method i { display: inline-block; width: 14px; height: 10px; } .method { margin-right: 1rem; }
.case { border-top: 1px solid var(--rule); padding: 1rem 0; break-inside: avoid; } .case h3 { font-size: 1rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
.case p { margin: 0 0 .6rem; } .case .row { gap: 1.2rem; } figure { margin: 0; } figcaption { color: var(--soft); font-size: .82em; }
.matrix { image-rendering: pixelated; max-width: 360px; display: block; }
.frames { display: grid; grid-template-columns: max-content repeat(3, auto); gap: .3rem .5rem; align-items: center; font-size: .85em; }
.frames img { width: 150px; height: auto; display: block; background: #0003; }
`);
