// What a daemon started with --java shows to harnesses made for the Java Trogdor: the start line on
// stdout and in the log file that they wait on, and an entry in `jcmd`'s list. Such a harness
// starts the daemon first and looks afterwards how long the log already is, so that a fast daemon's
// line would never be seen: when its log file is known, the line is repeated for a minute.

import { appendFileSync } from "node:fs";
import type { Clock } from "../../platform/clock/clock.ts";
import type { ModeHost } from "../mode-host.ts";
import { announceToJcmd } from "./jcmd-announcement.ts";
import { type JavaRole, javaLogFile } from "./logging-file.ts";

export interface JavaAnnouncementOptions {
  readonly host: ModeHost;
  readonly clock: Clock;
  /** What stood on the command line behind `agent` or `coordinator`. */
  readonly args: readonly string[];
  /** The path of trogdor.conf. */
  readonly configPath: string | undefined;
  /** Where the folder of `jcmd`'s announcements is; another one in tests. */
  readonly temporaryFolder?: string;
}

export interface JavaAnnouncement {
  /** An orderly shutdown begins: says so and repeats the start line no more. */
  stopping(): void;
  /** Takes the process out of `jcmd`'s list: the last step of the shutdown. */
  end(): void;
}

const mainClasses: Readonly<Record<JavaRole, string>> = {
  agent: "org.apache.kafka.trogdor.agent.Agent",
  coordinator: "org.apache.kafka.trogdor.coordinator.Coordinator",
};

/** Seconds after the first line. */
export const repeatAfterSec = [0.25, 0.5, 1, 2, 3, 5, 8, 13, 21, 34, 55] as const;

/** Call it once the REST port listens. */
export function announceAsJava(role: JavaRole, options: JavaAnnouncementOptions): JavaAnnouncement {
  const { host, clock, args, configPath } = options;
  const logFile = javaLogFile(role, host.env["KAFKA_LOG4J_OPTS"], configPath);
  const say = (level: string, text: string) => {
    host.out.write(`${text}\n`);
    if (logFile === undefined) return;
    appendLine(logFile, `${logTime(clock.nowMs())} ${level} ${text} (${mainClasses[role]})`);
  };
  const startLine = () => say("INFO", `Starting ${role} process.`);
  const forget = announceToJcmd([mainClasses[role], ...args].join(" "), options.temporaryFolder);
  // Tools that attach to a JVM send SIGQUIT, which would end this process.
  const ignoreQuit = () => {};
  process.on("SIGQUIT", ignoreQuit);
  startLine();
  const stopping = new AbortController();
  if (logFile !== undefined) void repeat(startLine, clock, stopping.signal);
  return {
    stopping() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      say("WARN", `Running ${role} shutdown hook.`);
    },
    end() {
      stopping.abort();
      process.off("SIGQUIT", ignoreQuit);
      forget();
    },
  };
}

async function repeat(sayIt: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  const beginUs = clock.nowUs();
  for (const afterSec of repeatAfterSec) {
    const elapsedMs = (clock.nowUs() - beginUs) / 1000;
    await clock.sleep(Math.max(0, afterSec * 1000 - elapsedMs), signal);
    if (signal.aborted) return;
    sayIt();
  }
}

/** The folder of the log may be removed while the daemon still ends; that is no error. */
function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, `${line}\n`);
  } catch {}
}

/** `[2026-11-21 09:43:15,921]`, in local time. */
function logTime(nowMs: number): string {
  const date = new Date(nowMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `[${day} ${time},${String(date.getMilliseconds()).padStart(3, "0")}]`;
}
