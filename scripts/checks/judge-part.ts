// What the end of one test process means. Whatever way it ended, nothing that did not pass counts
// as if it had: a process that died is a problem, with its report or without.

import type { TestCounts } from "./junit-report.ts";

export interface PartRun {
  /** 128 and the signal's number when it was killed. */
  readonly exitCode: number;
  /** Undefined: bun test died before it wrote a report. */
  readonly counts: TestCounts | undefined;
}

export interface Judgement {
  readonly counts: TestCounts;
  /** Each counts as one failure. */
  readonly problems: readonly string[];
  /** Skips that are allowed, for people. */
  readonly notes: readonly string[];
}

const nothing: TestCounts = { passed: 0, failed: 0, skipped: [] };

/** `allowed`: from the full name of a test that may be skipped to the reason. */
export function judgePart(
  { exitCode, counts }: PartRun,
  allowed: ReadonlyMap<string, string>,
  allowedFile: string,
): Judgement {
  if (counts === undefined) {
    const problems = [`bun test ended with ${exitCode} and no report`];
    return { counts: nothing, problems, notes: [] };
  }
  const problems: string[] = [];
  const notes: string[] = [];
  for (const name of counts.skipped) {
    const reason = allowed.get(name);
    if (reason === undefined) problems.push(`skipped, and not in ${allowedFile}: ${name}`);
    else notes.push(`skipped: ${name} (${reason})`);
  }
  if (counts.passed + counts.failed === 0) problems.push("no test ran");
  // An error outside of any test, such as a file that cannot be loaded, or a death at the end.
  if (exitCode !== 0 && counts.failed === 0) problems.push(`bun test ended with ${exitCode}`);
  return { counts, problems, notes };
}
