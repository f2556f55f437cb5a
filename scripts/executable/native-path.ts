// Prints the path of a native program or add-on for this machine, compiled if need be: what src/
// runs or loads when it is started from its sources and has no executable that carries it.

import {
  type Architecture,
  BATCHES_ADD_ON,
  buildNativeProgram,
  NATIVE_PROGRAMS,
} from "./native-programs.ts";

async function main(name: string | undefined): Promise<void> {
  const all = [...NATIVE_PROGRAMS, BATCHES_ADD_ON];
  const program = all.find((one) => one.name === name);
  if (program === undefined) {
    const known = all.map((one) => one.name).join(", ");
    throw new Error(`"${name}": expected one of ${known}`);
  }
  process.stdout.write(await buildNativeProgram(program, process.arch as Architecture));
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`native: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
