// HTML where everything that is put in is escaped, unless it is HTML of our own making.

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Insert = Html | string | number | null | readonly Insert[];

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function inserted(value: Insert): string {
  if (value instanceof Html) return value.text;
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return value.replace(/[&<>"']/g, (sign) => ESCAPES[sign] as string);
  return value.map(inserted).join("");
}

/** Attributes go in quotes: html`<i title="${name}">${name}</i>`. */
export function html(parts: TemplateStringsArray, ...values: Insert[]): Html {
  return new Html(parts.map((part, i) => part + inserted(values[i] ?? null)).join(""));
}

export const dataUri = (type: "image/png" | "image/jpeg", bytes: Uint8Array) =>
  `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
