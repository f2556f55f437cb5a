// The command line of scripts/bench, read and checked as a whole.

import { parseArgs } from "node:util";
import { CONTESTANT_IDS, type ContestantId } from "./contestants.ts";

export const USAGE = `Measures this program beside others, against a real Kafka 4.1 on this machine.

  scripts/bench produce [options]

What is measured (default: the load alone):
  --load             as many messages a second as each program can
  --paced            10,000 messages a second for 30 s: is the rate kept, and how evenly
  --startup          how long --help takes, and how long it takes to the first message
  --all              these three

  --rounds N         rounds that count, after one that does not (default 5; paced: at most 3)
  --messages N       messages in each run of the load (default 5000000; kafkajs gets a fifth)
  --only LIST        some of ${CONTESTANT_IDS.join(",")}
  --quick            one round of 500000 messages, 5 s paced, three starts: to see that it works
  --no-build         measure dist/trogdor as it is, not as the sources are
  --out FILE         where the results go (default bench-results/produce-DATE.json)

  scripts/bench produce --write-docs FILE
                     measure nothing; put the results in FILE into README.md and docs/benchmarks.md
                     and keep FILE in docs/bench-results/
`;

export interface BenchOptions {
  readonly parts: ReadonlySet<BenchPart>;
  readonly rounds: number;
  readonly pacedRounds: number;
  readonly pacedSeconds: number;
  readonly starts: number;
  readonly messages: number;
  readonly contestants: readonly ContestantId[];
  readonly isQuick: boolean;
  readonly isBuilt: boolean;
  readonly outFile: string | undefined;
  /** Fill in the documents from this file instead. */
  readonly docsFrom: string | undefined;
}

export type BenchPart = "load" | "paced" | "startup";

/** A log segment of each of 30 topicPartitions is 1 GiB, and the watch reads only the first. */
const MESSAGES_MAX = 50_000_000;

/** Undefined when help is wanted. Throws one error that names everything that is wrong. */
export function readBenchOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      load: { type: "boolean", default: false },
      paced: { type: "boolean", default: false },
      startup: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      rounds: { type: "string" },
      messages: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      "no-build": { type: "boolean", default: false },
      out: { type: "string" },
      "write-docs": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const problems: string[] = [];
  if (positionals.length !== 1 || positionals[0] !== "produce") {
    problems.push(`"${positionals.join(" ")}": expected the one command "produce"`);
  }
  const isQuick = values.quick;
  const whole = (name: "rounds" | "messages", normal: number, max: number) =>
    wholeNumber(name, values[name], normal, max, problems);
  const rounds = whole("rounds", isQuick ? 1 : 5, 100);
  const options: BenchOptions = {
    parts: partsOf(values),
    rounds,
    pacedRounds: Math.min(rounds, 3),
    pacedSeconds: isQuick ? 5 : 30,
    starts: isQuick ? 3 : 20,
    messages: whole("messages", isQuick ? 500_000 : 5_000_000, MESSAGES_MAX),
    contestants: contestantsOf(values.only, problems),
    isQuick,
    isBuilt: !values["no-build"],
    outFile: values.out,
    docsFrom: values["write-docs"],
  };
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return options;
}

function partsOf(values: Record<BenchPart | "all", boolean>): ReadonlySet<BenchPart> {
  const every: readonly BenchPart[] = ["load", "paced", "startup"];
  const chosen = every.filter((part) => values.all || values[part]);
  return new Set(chosen.length === 0 ? ["load"] : chosen);
}

function wholeNumber(
  name: string,
  text: string | undefined,
  normal: number,
  max: number,
  problems: string[],
): number {
  if (text === undefined) return normal;
  const value = Number(text.replaceAll("_", "").replaceAll(",", ""));
  if (text.trim() !== "" && Number.isInteger(value) && value >= 1 && value <= max) return value;
  problems.push(`--${name} "${text}": expected a whole number from 1 to ${max}`);
  return normal;
}

function contestantsOf(text: string | undefined, problems: string[]): readonly ContestantId[] {
  if (text === undefined) return CONTESTANT_IDS;
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (CONTESTANT_IDS.some((id) => id === name)) continue;
    problems.push(`--only "${name}": expected some of ${CONTESTANT_IDS.join(", ")}`);
  }
  return CONTESTANT_IDS.filter((id) => names.includes(id));
}
