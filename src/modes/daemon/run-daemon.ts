// A daemon's life as a process: it runs until it is told to stop over REST (exit code 0), by Ctrl-C
// (130) or SIGTERM (143), or until it fails. The first signal stops it in order; a second one ends
// the process at once.

import type { Log } from "../../platform/log/log.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost, StopSignal } from "../mode-host.ts";

export interface RunningDaemon {
  /** Resolves when it has ended, for whatever reason; rejects when it failed. */
  readonly ended: Promise<void>;
  /** Stops it in order; `ended` follows. */
  stop(): Promise<void>;
}

export async function runDaemon(
  start: () => Promise<RunningDaemon>,
  log: Log,
  host: ModeHost,
): Promise<number> {
  let signalled: StopSignal | undefined;
  let stop: (() => Promise<void>) | undefined;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const ignoreSignals = host.onStopSignal((signal) => {
    if (signalled !== undefined) {
      host.leaveAtOnce(codeOf(signal));
      return;
    }
    signalled = signal;
    log.info("stop signal received", { signal });
    stop?.().catch(fail);
  });
  try {
    const daemon = await start();
    stop = () => daemon.stop();
    if (signalled !== undefined) stop().catch(fail);
    await Promise.race([daemon.ended, failed]);
    return signalled === undefined ? exitCodes.success.code : codeOf(signalled);
  } finally {
    ignoreSignals();
  }
}

function codeOf(signal: StopSignal): number {
  return signal === "SIGINT" ? exitCodes.interrupted.code : exitCodes.terminated.code;
}
