// Texts in a database are Unicode; texts of a request may hold halves of surrogate pairs, which a
// database would change without a word, so that two ids become one. They are written as an escape
// that nothing else becomes.

const mark = "\uffff";
const escaped = /\uffff([0-9a-f]{4})/g;
const unfit = /\uffff|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function toDatabaseText(text: string): string {
  if (text.isWellFormed() && !text.includes(mark)) return text;
  const hex = (unit: string) => unit.charCodeAt(0).toString(16).padStart(4, "0");
  return text.replace(unfit, (unit) => `${mark}${hex(unit)}`);
}

export function fromDatabaseText(text: string): string {
  if (!text.includes(mark)) return text;
  return text.replace(escaped, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
