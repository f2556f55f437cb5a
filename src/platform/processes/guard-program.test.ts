// The native guard itself, spoken to by hand: it does what the protocol says
// (native/guard/commands.c) and is not put off by lines that say nothing.

import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realNativePrograms } from "../native-programs/real-native-programs.ts";
import { until } from "./process-watch.suite.ts";

const program = realNativePrograms().pathOf("guard");

function startGuard(...args: string[]) {
  const guard = Bun.spawn([program, "guard", ...args], { stdio: ["pipe", "pipe", "ignore"] });
  const [first, rest] = guard.stdout.tee();
  const [some, all] = rest.tee();
  const answers = new Response(all).text();
  return {
    isReady: first.getReader().read(),
    say(text: string) {
      guard.stdin.write(text);
      guard.stdin.flush();
    },
    /** The first lines that it says; for one call. */
    async nextLines(count: number): Promise<string[]> {
      let text = "";
      const reader = some.getReader();
      while (text.split("\n").length <= count) {
        const { value } = await reader.read();
        if (value === undefined) break;
        text += new TextDecoder().decode(value);
      }
      return text.split("\n").slice(0, count);
    },
    /** Closes its input and resolves with all that it said. */
    async finish(): Promise<string[]> {
      guard.stdin.end();
      await guard.exited;
      return (await answers).trimEnd().split("\n");
    },
  };
}

function startMarked(token: string, ...command: string[]) {
  const env = { PATH: process.env["PATH"] ?? "", TROGDOR_WORKER: token };
  return Bun.spawn(command, { env, detached: true, stdio: ["ignore", "ignore", "ignore"] });
}

function nowUs(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1e6;
}

function startTimeOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19] ?? "";
}

describe("the guard", () => {
  test("answers that nothing is left of what it does not know", async () => {
    const guard = startGuard();
    guard.say("end nobody 0 1000\n");
    expect(await guard.finish()).toEqual(["ready", "gone nobody 0 -"]);
  });

  test.each([
    ["nothing", "\n\n \n"],
    ["unknown words", "hello there\nworker\nend\npid x\npid x y z\n"],
    ["a token that is too long", `worker ${"t".repeat(65)} -\n`],
    ["bytes that are no text", "\u0000\u0001\u0000\n\u0000\n"],
    ["a line without bounds", `${"x".repeat(100_000)}\n`],
    ["a worker twice", "worker one -\nworker one -\n"],
    ["half a line at the end", "worker two -\nend tw"],
  ])("goes on after %s", async (_, text) => {
    const guard = startGuard();
    guard.say(text);
    if (text.endsWith("\n")) guard.say("end nobody 0 1000\n");
    const answers = await guard.finish();
    expect([answers[0], answers.includes("gone nobody 0 -")]).toEqual([
      "ready",
      text.endsWith("\n"),
    ]);
  });

  test("kills by token though it knows no pid, also one token within others", async () => {
    const token = `guard-test-${process.pid}`;
    const inner = startMarked(`outer/${token}/inner`, "sleep", "1000");
    const other = startMarked(`${token}x/x${token}`, "sleep", "1000");
    const guard = startGuard();
    // Started before the guard, so the guard is told how old its workers can be.
    guard.say(`worker ${token} -\npid ${token} ${inner.pid} ${startTimeOf(inner.pid)}\n`);
    guard.say(`end ${token} 0 5000\n`);
    expect(await inner.exited).toBe(137);
    expect(other.exitCode).toBeNull();
    expect(await guard.finish()).toEqual(["ready", `gone ${token} 1 sleep`]);
    other.kill("SIGKILL");
    await other.exited;
  });

  test("leaves a process alone that has only got a worker's old pid", async () => {
    const token = `guard-pid-${process.pid}`;
    const stranger = startMarked("somebody-else", "sleep", "1000");
    const guard = startGuard();
    const anotherTime = String(Number(startTimeOf(stranger.pid)) - 1);
    guard.say(
      `worker ${token} -\npid ${token} ${stranger.pid} ${anotherTime}\nend ${token} 0 1000\n`,
    );
    expect(await guard.finish()).toEqual(["ready", `gone ${token} 0 -`]);
    expect(stranger.exitCode).toBeNull();
    stranger.kill("SIGKILL");
    await stranger.exited;
  });

  test("has patience, and is asked for less of it", async () => {
    const token = `guard-patience-${process.pid}`;
    const guard = startGuard();
    guard.say(`worker ${token} -\n`);
    // Younger than the guard, as all its workers are.
    await guard.isReady;
    const worker = startMarked(token, "sleep", "1000");
    guard.say(`end ${token} 600000 900000\n`);
    guard.say(`end ${token} 0 5000\n`);
    expect(await worker.exited).toBe(137);
    expect(await guard.finish()).toEqual(["ready", `gone ${token} 1 sleep`]);
  });

  test("runs its clean-up command when its input ends, not after a goodbye", async () => {
    const first = startGuard("--", "echo", "cleaned up");
    expect(await first.finish()).toEqual(["ready", "cleaned up"]);
    const second = startGuard("--", "echo", "cleaned up");
    second.say("bye\n");
    expect(await second.finish()).toEqual(["ready"]);
  });

  test("tries a clean-up again that failed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trogdor-guard-"));
    const once = `mkdir ${folder}/tried 2>/dev/null && exit 1; echo cleaned up`;
    const guard = startGuard("--", "sh", "-c", once);
    expect(await guard.finish()).toEqual(["ready", "cleaned up"]);
    rmSync(folder, { recursive: true });
  });
});

describe("a clean-up when the agent is gone", () => {
  test("is tried as long as it may help", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trogdor-guard-"));
    const sometimes = `echo x >> ${folder}/tries; test $(wc -l < ${folder}/tries) -gt 4`;
    const guard = startGuard("--", "sh", "-c", sometimes);
    await guard.finish();
    expect(readFileSync(`${folder}/tries`, "utf8")).toBe("x\n".repeat(5));
    rmSync(folder, { recursive: true });
  });

  test("is given up when it says that it is misused", async () => {
    const guard = startGuard("--", "sh", "-c", "echo tried; exit 2");
    expect(await guard.finish()).toEqual(["ready", ...Array(3).fill("tried")]);
  });

  test("does not wait for one that has begun before and hangs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trogdor-guard-"));
    const first = `mkdir ${folder}/tried 2>/dev/null && { echo $$; exec sleep 1000; }`;
    const guard = startGuard("--", "sh", "-c", `${first}; echo cleaned up`);
    guard.say(`fault one ${nowUs() - 10_000_000}\n`);
    await until("the first one has begun", () => existsSync(`${folder}/tried`));
    const finishing = guard.finish();
    const [, pid, cleanedUp] = await guard.nextLines(3);
    process.kill(Number(pid), "SIGKILL");
    expect([cleanedUp, (await finishing).length]).toEqual(["cleaned up", 3]);
    rmSync(folder, { recursive: true });
  });
});

describe("a fault that is over and not done", () => {
  test("is cleaned up beside the agent, once", async () => {
    const guard = startGuard("--", "echo", "cleaned up");
    guard.say(`fault one ${nowUs() - 10_000_000}\nfault two ${nowUs() - 5_000_000}\n`);
    expect(await guard.nextLines(2)).toEqual(["ready", "cleaned up"]);
    guard.say("end nobody 0 1000\nbye\n");
    expect(await guard.finish()).toEqual(["ready", "cleaned up", "gone nobody 0 -"]);
  });

  test("is not cleaned up before its time, nor when it was done", async () => {
    const guard = startGuard("--", "echo", "cleaned up");
    guard.say(`fault one ${nowUs() + 60_000_000}\n`);
    guard.say(`fault two ${nowUs() - 5_000_000}\nfault-done two\n`);
    guard.say("end nobody 0 1000\n");
    expect(await guard.nextLines(2)).toEqual(["ready", "gone nobody 0 -"]);
    guard.say("bye\n");
    expect(await guard.finish()).toEqual(["ready", "gone nobody 0 -"]);
  });

  test("is tried again when the clean-up failed", async () => {
    const guard = startGuard("--", "sh", "-c", "echo tried; exit 1");
    guard.say(`fault one ${nowUs() - 10_000_000}\n`);
    expect(await guard.nextLines(3)).toEqual(["ready", "tried", "tried"]);
    guard.say("fault-done one\nbye\n");
    await guard.finish();
  });
});
