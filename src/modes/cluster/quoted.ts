// A text as one word of a POSIX shell.

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
