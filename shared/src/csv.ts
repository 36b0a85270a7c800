// CSV as RFC 4180 writes it, with line ends of either kind. The only parser: the edge reads imports with it, the
// evaluation its labels.

export interface CsvRecord {
  /** On which it begins, from 1: a quoted field may go over several. */
  line: number;
  fields: string[];
}

/** What is wrong, and where. */
export class CsvFault extends Error {
  override readonly name = "CsvFault";
}

const END_OF_FIELD = /[,\r\n]/g;

/** Record by record; lines without a character are none. */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let at = text.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record: CsvRecord = { line, fields: [] };
    for (let more = true; more; ) {
      let field: string;
      if (text[at] === '"') {
        const parts: string[] = [];
        for (;;) {
          const close = text.indexOf('"', at + 1);
          if (close < 0) throw new CsvFault(`The quoted field in line ${record.line} has no end.`);
          parts.push(text.slice(at + 1, close));
          at = close + 1;
          if (text[at] !== '"') break;
        }
        field = parts.join('"');
        for (const character of field) if (character === "\n") line++;
        if (at < text.length && !",\r\n".includes(text[at]!))
          throw new CsvFault(`In line ${line}, a comma or a line end must follow the closing quote.`);
      } else {
        END_OF_FIELD.lastIndex = at;
        field = text.slice(at, END_OF_FIELD.exec(text)?.index);
        if (field.includes('"'))
          throw new CsvFault(`In line ${line}, a field with a quote must itself be in quotes.`);
        at += field.length;
      }
      record.fields.push(field);
      more = text[at] === ",";
      if (more) at++;
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    line++;
    if (record.fields.length > 1 || record.fields[0] !== "") yield record;
  }
}
