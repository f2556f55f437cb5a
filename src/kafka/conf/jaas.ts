// Reads sasl.jaas.config as the Java client does: `Module flag key=value ... ;`, tokens by the
// rules of java.io.StreamTokenizer. A message never holds a value, since it may be a password.

export interface JaasEntry {
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

type Token =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "sign"; readonly text: string }
  | { readonly kind: "end" };

const flags = ["required", "requisite", "sufficient", "optional"];
const quoting = 'write it in double quotes, with \\" and \\\\ for the characters " and \\';

/** The one entry, or one sentence on what is wrong. */
export function parseJaas(text: string): JaasEntry | string {
  const next = tokenizer(text);
  const module = next();
  if (module.kind !== "word") return "Login module not specified in JAAS config";
  const flag = next();
  if (flag.kind !== "word") return "Login module control flag not specified in JAAS config";
  if (!flags.includes(flag.text.toLowerCase())) {
    return (
      `Invalid login module control flag in JAAS config: after ${module.text} stands one of ` +
      `${flags.join(", ")}`
    );
  }
  const options = new Map<string, string>();
  for (let token = next(); ; token = next()) {
    if (token.kind === "sign" && token.text === ";") break;
    if (token.kind === "end") return "JAAS config entry not terminated by semi-colon";
    const option = token.kind === "word" ? token.text : undefined;
    const equals = next();
    const value = next();
    if (option === undefined || !isSign(equals, "=")) {
      return (
        `After ${namesOf(options)} the JAAS config does not go on with name=value; if a ` +
        `value has special characters, ${quoting}`
      );
    }
    if (value.kind !== "word") {
      return `Value not specified for key '${option}' in JAAS config: ${quoting}`;
    }
    options.set(option, value.text);
  }
  if (next().kind !== "end") {
    return "JAAS config property contains more than one login module, should be 1 module";
  }
  return { module: module.text, options };
}

function isSign(token: Token, text: string): boolean {
  return token.kind === "sign" && token.text === text;
}

function namesOf(options: ReadonlyMap<string, string>): string {
  const last = [...options.keys()].at(-1);
  return last === undefined ? "the flag" : `the option ${last}`;
}

function tokenizer(text: string): () => Token {
  let at = 0;
  return () => {
    at = skipBlanks(text, at);
    const char = text[at];
    if (char === undefined) return { kind: "end" };
    if (char === '"' || char === "'") {
      const quoted = readQuoted(text, at);
      at = quoted.end;
      return { kind: "word", text: quoted.text };
    }
    // A token that starts as a number is one, and a number is no option's value: Java's rule.
    const number = /^-?(\d+\.?\d*|\.\d+)/.exec(text.slice(at));
    if (number !== null) {
      at += number[0].length;
      return { kind: "sign", text: number[0] };
    }
    const word = /^[\w$.\-\u00a0-\uffff]+/.exec(text.slice(at));
    const length = word?.[0].length ?? 1;
    at += length;
    return { kind: word === null ? "sign" : "word", text: text.slice(at - length, at) };
  };
}

/** Blanks and the comments of Java; a lone slash also starts one, up to the end of the line. */
function skipBlanks(text: string, start: number): number {
  let at = start;
  for (;;) {
    const skipped = /^(?:[\0-\x20]+|\/\*[\s\S]*?(?:\*\/|$)|\/[^\r\n]*)/.exec(text.slice(at));
    if (skipped === null) return at;
    at += skipped[0].length;
  }
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Ends at the same quote, or (as Java's) before the end of the line. */
function readQuoted(text: string, start: number): { text: string; end: number } {
  const quote = text[start];
  let result = "";
  let at = start + 1;
  for (;;) {
    const char = text[at];
    if (char === undefined || char === "\n" || char === "\r") return { text: result, end: at };
    if (char === quote) return { text: result, end: at + 1 };
    if (char !== "\\") {
      result += char;
      at++;
      continue;
    }
    const octal = /^([0-3][0-7]{0,2}|[4-7][0-7]?)/.exec(text.slice(at + 1));
    const escaped = text[at + 1] ?? "";
    result += octal === null ? (escapes[escaped] ?? escaped) : octalChar(octal[0]);
    at += 1 + (octal === null ? escaped.length : octal[0].length);
  }
}

function octalChar(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}
