// What a run of the checks says at its end: a row for each group of checks, then each check that
// failed, then what this broker does not support, with the reason.

import {
  type Ability,
  type BrokerUnderTest,
  leftOutMark,
} from "../../test/support/broker-under-test.ts";
import type { TestCase } from "../checks/junit-report.ts";

/** What bun calls the hooks of a block that is left out. */
const hook = "(unnamed)";

interface Row {
  passed: number;
  failed: number;
  notSupported: number;
}

export interface ResultTable {
  readonly text: string;
  readonly failed: number;
}

export function resultTable(
  cases: readonly TestCase[],
  lacks: BrokerUnderTest["lacks"],
): ResultTable {
  const rows = new Map<string, Row>();
  const failed: string[] = [];
  const lacking = new Map<Ability, number>();
  for (const { blocks, name, outcome } of cases) {
    if (name === hook && outcome === "skipped") continue;
    const full = [...blocks, name].join(" > ");
    const ability = abilities.find((each) => full.includes(leftOutMark(each)));
    const title = withoutMarks(blocks.slice(0, 2).join(" > "));
    const row = rows.get(title) ?? { passed: 0, failed: 0, notSupported: 0 };
    rows.set(title, row);
    if (outcome === "passed") row.passed += 1;
    else if (outcome === "skipped" && ability !== undefined) {
      row.notSupported += 1;
      lacking.set(ability, (lacking.get(ability) ?? 0) + 1);
    } else {
      row.failed += 1;
      failed.push(full);
    }
  }
  const all = [...rows.values()];
  const total: Row = {
    passed: sum(all.map(({ passed }) => passed)),
    failed: failed.length,
    notSupported: sum(all.map(({ notSupported }) => notSupported)),
  };
  const lines = [
    line("checks", { passed: "passed", failed: "failed", notSupported: "not supported" }),
    ...[...rows].map(([title, row]) => line(title, row)),
    line("all", total),
  ];
  if (failed.length > 0) lines.push("", "failed (what happened is above):", ...failed.map(indent));
  if (lacking.size > 0) {
    const reasons = [...lacking].map(
      ([ability, count]) => `${ability} (${count} checks): ${lacks[ability]}`,
    );
    lines.push("", "not supported by this broker, or not tried on it:", ...reasons.map(indent));
  }
  return { text: lines.join("\n"), failed: failed.length };
}

const everyAbility: Readonly<Record<Ability, true>> = {
  "consumer groups of KIP-848": true,
  "share groups": true,
  transactions: true,
  "brokers that may be stopped": true,
  "listeners that are known": true,
};
const abilities = Object.keys(everyAbility) as Ability[];

function withoutMarks(title: string): string {
  return abilities.reduce((text, ability) => text.replaceAll(leftOutMark(ability), ""), title);
}

function line(title: string, cells: Readonly<Record<keyof Row, number | string>>): string {
  const { passed, failed, notSupported } = cells;
  const figures = [String(passed).padStart(8), String(failed).padStart(8)].join("");
  return `${title.padEnd(62)}${figures}${String(notSupported).padStart(15)}`;
}

const indent = (text: string) => `  ${text}`;
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
