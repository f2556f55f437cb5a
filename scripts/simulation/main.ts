// `scripts/sim`: runs many seeds, or one of them again with everything that happened in it.

import { type PlantedBug, plantedBugs } from "../../src/core/planted-bugs.ts";
import { type DisturbanceCounts, disturbanceKinds } from "../../src/sim/disturbances.ts";
import { type SimulationResult, simulate } from "../../src/sim/simulate.ts";
import { missingDisturbances, simulateMany } from "../../src/sim/simulate-many.ts";

const usage = `Usage: scripts/sim [--seeds N] [--first S] [--bug NAME]
           runs N seeds (1000) from S (1) on
       scripts/sim --fresh [--seeds N]
           from a seed on that was never run
       scripts/sim --seed S [--bug NAME] [--quiet]
           runs one seed and prints its trace
       scripts/sim --digests [--seeds N]
           prints the digest of each seed's trace
Bugs: ${plantedBugs.join(", ")}
`;

interface Options {
  readonly seeds: number;
  readonly first: number;
  readonly seed: number | undefined;
  readonly bug: PlantedBug | undefined;
  readonly flags: ReadonlySet<string>;
}

const flagNames = ["--fresh", "--quiet", "--digests", "--help"];
const freshSeeds = 1_000_000_000;

function readOptions(args: readonly string[]): Options {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let index = 0; index < args.length; index += 1) {
    const name = args[index]!;
    if (flagNames.includes(name)) flags.add(name);
    else if (["--seeds", "--first", "--seed", "--bug"].includes(name)) {
      index += 1;
      values.set(name, args[index] ?? "");
    } else throw new Error(`Unknown option ${name}\n${usage}`);
  }
  const number = (name: string) => {
    const text = values.get(name);
    if (text !== undefined && !/^\d+$/.test(text)) throw new Error(`${name} needs a number`);
    return text === undefined ? undefined : Number(text);
  };
  const bug = plantedBugs.find((each) => each === values.get("--bug"));
  if (values.has("--bug") && bug === undefined) throw new Error(`Unknown bug\n${usage}`);
  const fresh = flags.has("--fresh") ? freshSeeds + (Date.now() % freshSeeds) : 1;
  return {
    seeds: number("--seeds") ?? 1000,
    first: number("--first") ?? fresh,
    seed: number("--seed"),
    bug,
    flags,
  };
}

function main(args: readonly string[]): number {
  const options = readOptions(args);
  if (options.flags.has("--help")) say(usage.trimEnd());
  else if (options.seed !== undefined) return replay(options, options.seed);
  else if (options.flags.has("--digests")) printDigests(options);
  else return runMany(options);
  return 0;
}

function replay({ bug, flags }: Options, seed: number): number {
  const result = simulate({ seed, plantedBugs: new Set(bug && [bug]), keepsTrace: true });
  if (!flags.has("--quiet")) for (const line of result.trace) say(line);
  say(`seed ${seed}: ${result.eventCount} events, trace ${result.digest}`);
  for (const violation of result.violations) say(`VIOLATED ${violation}`);
  return result.violations.length > 0 ? 1 : 0;
}

function printDigests({ first, seeds, bug }: Options): void {
  const onResult = ({ seed, digest }: SimulationResult) => say(`${seed} ${digest}`);
  simulateMany({ firstSeed: first, seeds, bug, onResult });
}

function runMany({ first, seeds, bug }: Options): number {
  const startMs = performance.now();
  const { ran, failures, counts, events } = simulateMany({ firstSeed: first, seeds, bug });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  say(countLines(counts));
  for (const failure of failures) {
    say(`seed ${failure.seed} violated:`);
    for (const violation of failure.violations) say(`  ${violation}`);
    say(`  again: scripts/sim --seed ${failure.seed}${bug === undefined ? "" : ` --bug ${bug}`}`);
  }
  const missing = missingDisturbances(counts);
  if (missing.length > 0) say(`never happened: ${missing.join(", ")}`);
  const held = failures.length === 0 ? "every invariant held" : `${failures.length} seeds failed`;
  say(`seeds ${first} to ${first + ran - 1}: ${events} events in ${seconds} s, ${held}`);
  return failures.length > 0 || missing.length > 0 ? 1 : 0;
}

function countLines(counts: DisturbanceCounts): string {
  return disturbanceKinds.map((kind) => `${String(counts[kind]).padStart(9)}  ${kind}`).join("\n");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Who reads only the first lines has read enough.
process.stdout.on("error", () => process.exit(0));
try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
