// The exit codes of every mode, the one list that docs/cli.md shows and the tests go through.

import { TrogdorError, type TrogdorErrorCode } from "../core/trogdor-error.ts";

export const exitCodes = {
  success: {
    code: 0,
    meaning:
      "The task succeeded, what was asked for was printed, or a daemon ended because a client " +
      "told it to.",
  },
  failed: {
    code: 1,
    meaning:
      "The task failed, `--timeout` ran out, the task is meant for another node, a daemon's port " +
      "was taken or its state folder could not be used, or Trogdor itself has a defect.",
  },
  usage: {
    code: 2,
    meaning:
      "The command line, the spec or the configuration is wrong; nothing was created and " +
      "nothing ran.",
  },
  interrupted: { code: 130, meaning: "Stopped by Ctrl-C (SIGINT)." },
  terminated: { code: 143, meaning: "Stopped by SIGTERM." },
} as const;

const codeOfError: Record<TrogdorErrorCode, number> = {
  usage: exitCodes.usage.code,
  spec: exitCodes.usage.code,
  configuration: exitCodes.usage.code,
  task: exitCodes.failed.code,
  timeout: exitCodes.failed.code,
  interrupted: exitCodes.interrupted.code,
  invalidRequest: exitCodes.failed.code,
  unknownClass: exitCodes.failed.code,
  notFound: exitCodes.failed.code,
  conflict: exitCodes.failed.code,
  refused: exitCodes.failed.code,
  unavailable: exitCodes.failed.code,
};

export function exitCodeOf(error: unknown): number {
  return error instanceof TrogdorError ? codeOfError[error.code] : exitCodes.failed.code;
}
