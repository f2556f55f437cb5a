// Reads Java properties files, as `--command-config` of Kafka's own tools takes them: comments,
// `=`, `:` or blanks behind the name, and lines that end with a backslash and go on in the next.

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f" };

export function readProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  let open = "";
  for (const line of text.split(/\r\n|[\n\r]/)) {
    const part = line.replace(/^[ \t\f]+/, "");
    if (open === "" && (part === "" || part.startsWith("#") || part.startsWith("!"))) continue;
    open += part;
    if (endsOpen(open)) {
      open = open.slice(0, -1);
      continue;
    }
    const [name, value] = split(open);
    properties[name] = value;
    open = "";
  }
  if (open !== "") {
    const [name, value] = split(open);
    properties[name] = value;
  }
  return properties;
}

/** An odd number of backslashes: the last one escapes the end of the line. */
function endsOpen(line: string): boolean {
  return /\\*$/.exec(line)![0].length % 2 === 1;
}

function split(line: string): [name: string, value: string] {
  const [, name = "", value = ""] =
    /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line) ?? [];
  return [withoutEscapes(name), withoutEscapes(value)];
}

function withoutEscapes(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})|\\(.)/gs, (_all, code?: string, letter = "") =>
    code === undefined
      ? (escapes[letter] ?? letter)
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
