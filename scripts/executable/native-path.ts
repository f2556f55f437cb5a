// Prints the path of a native program for this machine, compiled if need be: what src/ runs when it
// is started from its sources and has no executable that carries the program.

import { type Architecture, buildNativeProgram, NATIVE_PROGRAMS } from "./native-programs.ts";

async function main(name: string | undefined): Promise<void> {
  const program = NATIVE_PROGRAMS.find((one) => one.name === name);
  if (program === undefined) {
    const known = NATIVE_PROGRAMS.map((one) => one.name).join(", ");
    throw new Error(`"${name}": expected one of ${known}`);
  }
  process.stdout.write(await buildNativeProgram(program, process.arch as Architecture));
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`native: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
