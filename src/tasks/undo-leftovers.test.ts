// What is undone after a crash, and what is left alone. The journal is the real one.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "../platform/clock/real-clock.ts";
import { realFiles } from "../platform/files/real-files.ts";
import { silentLog } from "../platform/log/log.ts";
import { realProcessTable } from "../platform/process-table/real-process-table.ts";
import { realSystemClock } from "../platform/system-clock/real-system-clock.ts";
import { fileUndoJournal } from "../platform/undo-journal/file-undo-journal.ts";
import type { UndoOwner } from "../platform/undo-journal/undo-journal.ts";
import { isOwnerAlive, thisOwner } from "../platform/undo-journal/undo-owner.ts";
import { forgottenAfterUs } from "./fault-runner.ts";
import { type Leftovers, undoLeftovers } from "./undo-leftovers.ts";

const className = "org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec";
const self: UndoOwner = {
  bootId: "boot",
  networkNamespace: "net:[1]",
  pid: 10,
  startTicks: 100,
};
const nowUs = 5_000_000;

let folder: string;
let ran: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trogdor-journal-"));
  ran = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function entryOf(taskId: string, endUs = nowUs) {
  const chain = { name: `TROGDOR-${taskId}`, hook: "INPUT", family: 4, rules: [] };
  const plan = JSON.stringify({ chains: [chain] });
  return { id: `${taskId}/1`, taskId, workerId: "1", className, plan, endUs };
}

function leftovers(change: Partial<Leftovers> = {}): Leftovers {
  return {
    journal: fileUndoJournal(folder, self),
    self,
    log: silentLog,
    isOwnerAlive: () => false,
    bootTimeUs: () => nowUs,
    node: {
      commands: {
        isRoot: true,
        async run(command) {
          ran.push(command.join(" "));
          return { exitCode: 0, stdout: ":TROGDOR-a - [0:0]\n-A INPUT -j TROGDOR-a\n", stderr: "" };
        },
      },
      names: { resolve: async () => [] },
      clock: realClock,
      processTable: realProcessTable,
      files: realFiles,
      systemClock: realSystemClock,
    },
    ...change,
  };
}

async function journalled(owner: UndoOwner, taskId = "a", endUs = nowUs): Promise<void> {
  await fileUndoJournal(folder, owner).write(entryOf(taskId, endUs));
}

describe("undoLeftovers", () => {
  test("undoes what a dead owner left, and forgets it", async () => {
    await journalled({ ...self, pid: 11 });
    expect(await undoLeftovers(leftovers())).toEqual({
      undone: ["a"],
      leftAlone: [],
      failures: [],
    });
    expect(ran).toContain("iptables -w 5 -X TROGDOR-a");
    expect(await fileUndoJournal(folder, self).entries()).toEqual([]);
  });

  test("leaves the faults of a live owner alone until they are over", async () => {
    await journalled(self);
    const isAlive = { isOwnerAlive: () => true };
    expect((await undoLeftovers(leftovers(isAlive))).leftAlone).toEqual(["a"]);
    const later = { ...isAlive, bootTimeUs: () => nowUs + forgottenAfterUs + 1 };
    expect((await undoLeftovers(leftovers(later))).undone).toEqual(["a"]);
  });

  test("leaves another network namespace alone", async () => {
    await journalled({ ...self, networkNamespace: "net:[2]" });
    expect((await undoLeftovers(leftovers())).leftAlone).toEqual(["a"]);
    expect(ran).toEqual([]);
  });

  test("only forgets after a reboot: rules are gone with the kernel that had them", async () => {
    await journalled({ ...self, bootId: "before", networkNamespace: "net:[2]" });
    expect((await undoLeftovers(leftovers())).undone).toEqual(["a"]);
    expect(ran).toEqual([]);
  });

  test("keeps the entry when the undo fails, goes on with the others, and says so", async () => {
    await journalled(self, "a", 1);
    await journalled(self, "b", 2);
    let calls = 0;
    const { node } = leftovers();
    const commands = {
      isRoot: true,
      async run(command: readonly string[]) {
        calls += 1;
        if (calls === 1) return { exitCode: 4, stdout: "", stderr: "locked\n" };
        return await node.commands.run(command);
      },
    };
    const result = await undoLeftovers(leftovers({ node: { ...node, commands } }));
    expect(result.undone).toEqual(["b"]);
    const why = "iptables-save -t filter failed: locked";
    expect(result.failures).toEqual([`${className} of task a could not be undone: ${why}`]);
    const left = await fileUndoJournal(folder, self).entries();
    expect(left.map((entry) => entry.taskId)).toEqual(["a"]);
  });
});

describe("the journal", () => {
  test("keeps entries apart whatever characters their ids have", async () => {
    const journal = fileUndoJournal(folder, self);
    const ids = ["a/b/1", "a_b/1", "../../x/1", `${"ä".repeat(300)}/1`, `${"x".repeat(900)}/1`];
    for (const id of ids) await journal.write({ ...entryOf("a"), id });
    const entries = await journal.entries();
    expect(new Set(entries.map((entry) => entry.id))).toEqual(new Set(ids));
    expect(readdirSync(folder)).toEqual(["journal"]);
    for (const id of ids) await journal.remove(id);
    expect(await journal.entries()).toEqual([]);
    await journal.remove("nobody/1");
  });

  test("ignores what was not written to its end, and names a strange file", async () => {
    const journal = fileUndoJournal(folder, self);
    await journal.write(entryOf("a"));
    writeFileSync(join(folder, "journal", "half.undo.json.new"), "{");
    expect((await journal.entries()).length).toBe(1);
    writeFileSync(join(folder, "journal", "bad.undo.json"), "{}");
    await expect(journal.entries()).rejects.toThrow("bad.undo.json cannot be read");
  });

  test("knows this process as alive, and one with another start time as gone", () => {
    const owner = thisOwner();
    expect(isOwnerAlive(owner)).toBe(true);
    expect(isOwnerAlive({ ...owner, startTicks: owner.startTicks + 1 })).toBe(false);
    expect(isOwnerAlive({ ...owner, pid: 2 ** 30 })).toBe(false);
  });
});
