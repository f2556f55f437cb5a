// The executable's only entry, and the only place that ends the process: hands the arguments to
// run-command-line.ts, waits until the output has left, exits with the code it gave.

import { processHost } from "./modes/process-host.ts";
import { reportError } from "./modes/report-error.ts";
import { runCommandLine } from "./modes/run-command-line.ts";
import { takeRuntimeVariables } from "./modes/runtime-variables.ts";

/** How long a terminal that is behind may hold up who wants to leave at once. */
const leaveWithinMs = 100;

const host = processHost((exitCode) => {
  setTimeout(() => process.exit(exitCode), leaveWithinMs);
  end(exitCode);
});

let hasCrashed = false;

// An error that no one awaits would leave a half-dead process: report it and go.
function crash(error: unknown): void {
  if (hasCrashed) return;
  hasCrashed = true;
  host.crashed();
  end(reportError(error, undefined, host));
}

function end(exitCode: number): void {
  host.drained().then(() => process.exit(exitCode));
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
host.err.write(takeRuntimeVariables(process.env));
runCommandLine(process.argv.slice(2), host).then(end, crash);
