// What is undone after a crash, and what is left alone. The journal is the real one.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "../platform/clock/real-clock.ts";
import type { CommandResult } from "../platform/commands/commands.ts";
import { realCommands } from "../platform/commands/real-commands.ts";
import { realFiles } from "../platform/files/real-files.ts";
import { silentLog } from "../platform/log/log.ts";
import { realProcessTable } from "../platform/process-table/real-process-table.ts";
import { realSystemClock } from "../platform/system-clock/real-system-clock.ts";
import { fileUndoJournal } from "../platform/undo-journal/file-undo-journal.ts";
import type { UndoOwner } from "../platform/undo-journal/undo-journal.ts";
import { isOwnerAlive, thisOwner } from "../platform/undo-journal/undo-owner.ts";
import { forgottenAfterUs } from "./fault-runner.ts";
import { type Leftovers, undoLeftovers } from "./undo-leftovers.ts";

const className = "trogdor.ServiceRestartFaultSpec";
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
  const commands = { stop: ["stop", taskId], start: ["start", taskId], status: ["ask", taskId] };
  const plan = JSON.stringify({ unit: "", ...commands });
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
          const [verb, taskId] = command;
          const isDown = verb === "ask" && !ran.includes(`start ${taskId}`);
          return { exitCode: isDown ? 1 : 0, stdout: "", stderr: "" };
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
    expect(ran).toEqual(["ask a", "start a", "ask a"]);
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
    const result = await undoLeftovers(
      whereStarting("a", async () => ({ exitCode: 4, stdout: "", stderr: "locked\n" })),
    );
    expect(result.undone).toEqual(["b"]);
    const why = "start a failed: locked";
    expect(result.failures).toEqual([`${className} of task a could not be undone: ${why}`]);
    const left = await fileUndoJournal(folder, self).entries();
    expect(left.map((entry) => entry.taskId)).toEqual(["a"]);
  });

  test("begins the next one when an undo hangs, and says so in the end", async () => {
    await journalled(self, "a", 1);
    await journalled(self, "b", 2);
    const hanging = whereStarting("a", () => new Promise(() => {}));
    const clock = { ...realClock, sleep: (ms: number) => realClock.sleep(ms / 1000) };
    const { undone, failures } = await undoLeftovers({
      ...hanging,
      node: { ...hanging.node, clock },
    });
    expect(undone).toEqual(["b"]);
    const why = "it has not ended after 40 s";
    expect(failures).toEqual([`${className} of task a could not be undone: ${why}`]);
  });

  test("leaves alone what the next agent has begun meanwhile, and what is gone", async () => {
    const next = { ...self, pid: 12 };
    for (const [at, taskId] of ["a", "b", "c"].entries()) await journalled(self, taskId, at);
    const whileUndoing = async () => {
      await journalled(next, "a");
      await journalled(next, "b");
      await fileUndoJournal(folder, next).remove("c/1");
      ran.push("start a");
      return { exitCode: 0, stdout: "", stderr: "" };
    };
    await undoLeftovers(whereStarting("a", whileUndoing));
    expect(ran).toEqual(["ask a", "start a", "ask a"]);
    const left = await fileUndoJournal(folder, self).entries();
    expect(left.map(({ taskId, owner }) => [taskId, owner])).toEqual([
      ["a", next],
      ["b", next],
    ]);
  });

  test("undoes the others when an entry is torn, and says who has to undo that one", async () => {
    await journalled(self, "torn");
    const [file = ""] = readdirSync(join(folder, "journal"));
    const path = join(folder, "journal", file);
    truncateSync(path, statSync(path).size / 2);
    await journalled(self, "whole");
    const { undone, failures } = await undoLeftovers(leftovers());
    expect(undone).toEqual(["whole"]);
    expect(failures.length).toBe(1);
    expect(failures[0]).toStartWith(`${path} cannot be read: `);
    expect(failures[0]).toEndWith("; undo its fault by hand, then remove the file");
  });

  test("waits for nobody with what a live owner has given up, and forgets it", async () => {
    await fileUndoJournal(folder, self).write({ ...entryOf("a"), isLeft: true });
    const isAlive = { isOwnerAlive: () => true };
    expect((await undoLeftovers(leftovers(isAlive))).undone).toEqual(["a"]);
    expect(await fileUndoJournal(folder, self).entries()).toEqual([]);
  });

  test("only marks what a live owner has still to hear of", async () => {
    await journalled(self, "a", 1);
    const isAlive = { isOwnerAlive: () => true };
    expect((await undoLeftovers(leftovers(isAlive))).undone).toEqual(["a"]);
    expect(await fileUndoJournal(folder, self).entries()).toMatchObject([{ isUndone: true }]);
    expect((await undoLeftovers(leftovers(isAlive))).leftAlone).toEqual(["a"]);
  });
});

/** A node where the service of one task has its own way to start. */
function whereStarting(taskId: string, start: () => Promise<CommandResult>): Leftovers {
  const made = leftovers();
  const run = async (command: readonly string[]) =>
    command.join(" ") === `start ${taskId}` ? await start() : await made.node.commands.run(command);
  return { ...made, node: { ...made.node, commands: { isRoot: true, run } } };
}

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
    expect((await journal.entries()).length).toBe(1);
    expect(await journal.problems()).toEqual([expect.stringContaining("bad.undo.json cannot be")]);
  });

  test("has nothing half of an entry for which the disk has no room", async () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    await realCommands.run(["mount", "-t", "tmpfs", "-o", "size=64k", "trogdor-test", disk]);
    try {
      const journal = fileUndoJournal(disk, self);
      await journal.write(entryOf("small"));
      const plan = JSON.stringify({ text: "x".repeat(100_000) });
      const write = journal.write({ ...entryOf("large"), plan });
      await expect(write).rejects.toThrow(/^how to undo the fault cannot be noted in .*ENOSPC/);
      expect((await journal.entries()).map(({ taskId }) => taskId)).toEqual(["small"]);
      expect(await journal.problems()).toEqual([]);
      expect(readdirSync(join(disk, "journal")).length).toBe(1);
    } finally {
      await realCommands.run(["umount", disk]);
    }
  });

  test("knows this process as alive, and one with another start time as gone", () => {
    const owner = thisOwner();
    expect(isOwnerAlive(owner)).toBe(true);
    expect(isOwnerAlive({ ...owner, startTicks: owner.startTicks + 1 })).toBe(false);
    expect(isOwnerAlive({ ...owner, pid: 2 ** 30 })).toBe(false);
  });
});
