// The broker that `scripts/conformance` runs the Kafka suites against, instead of clusters of the
// tests' own: its address and client settings, the prefix of all names, and what it cannot do, with
// the reason. Undefined in every other test run.

import { describe, test } from "bun:test";
import { readFileSync } from "node:fs";

/** What a check needs and not every broker, or not every run, can give. */
export type Ability =
  | "consumer groups of KIP-848"
  | "share groups"
  | "transactions"
  | "brokers that may be stopped"
  | "listeners that are known";

export interface BrokerUnderTest {
  /** Client settings with Java's names, bootstrap.servers among them. */
  readonly conf: Readonly<Record<string, string>>;
  readonly brokerIds: readonly number[];
  readonly namePrefix: string;
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
}

/** The environment variable with the name of a file: a BrokerUnderTest as JSON. */
export const brokerVariable = "TROGDOR_BROKER_UNDER_TEST";

export const brokerUnderTest: BrokerUnderTest | undefined = read();

/** The mark behind the name of checks that are left out; the run's table gives the reason. */
export function leftOutMark(ability: Ability): string {
  return ` [needs ${ability}]`;
}

/** `describe` for what needs this of the broker. */
export function describeWith(ability: Ability, name: string, body: () => void): void {
  if (isThere(ability)) describe(name, body);
  else describe.skip(name + leftOutMark(ability), body);
}

/** `test` for what needs this of the broker. */
export function testWith(ability: Ability, name: string, body: () => Promise<void>): void {
  if (isThere(ability)) test(name, body);
  else test.skip(name + leftOutMark(ability), body);
}

function isThere(ability: Ability): boolean {
  return brokerUnderTest?.lacks[ability] === undefined;
}

function read(): BrokerUnderTest | undefined {
  const file = process.env[brokerVariable];
  return file === undefined ? undefined : JSON.parse(readFileSync(file, "utf8"));
}
