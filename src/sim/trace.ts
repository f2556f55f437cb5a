// What happened in a simulation, line by line: the same seed has to give the same lines, byte for
// byte. The lines themselves are kept only when somebody wants to read them.

export interface Trace {
  /** `what` happened to `who`. */
  note(who: string, what: string): void;
  readonly lines: readonly string[];
  readonly lineCount: number;
  /** Of all lines so far. */
  digest(): string;
}

export interface TraceOptions {
  nowMs(): number;
  readonly keepsLines: boolean;
}

export function createTrace({ nowMs, keepsLines }: TraceOptions): Trace {
  const hasher = new Bun.CryptoHasher("sha256");
  const lines: string[] = [];
  let lineCount = 0;
  return {
    note(who, what) {
      const line = `${(nowMs() / 1000).toFixed(6)} ${who} ${what}`;
      lineCount += 1;
      hasher.update(`${line}\n`);
      if (keepsLines) lines.push(line);
    },
    lines,
    get lineCount() {
      return lineCount;
    },
    digest: () => hasher.copy().digest("hex"),
  };
}
