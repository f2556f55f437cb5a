// What `jcmd` prints of a JVM, from the arguments it was started with: the main class, module or
// jar and what follows. No JDK is needed for it.

/** Options of the java command whose value is an argument of its own. */
const withValue = new Set([
  "-cp",
  "-classpath",
  "--class-path",
  "-p",
  "--module-path",
  "--upgrade-module-path",
  "--add-modules",
  "--limit-modules",
  "--add-exports",
  "--add-opens",
  "--add-reads",
  "--patch-module",
  "--enable-native-access",
  "--source",
]);

/** `<main class or jar> <arguments>`; "" when the command has none. */
export function javaCommandText(command: readonly string[]): string {
  let at = 1;
  for (; at < command.length; at += 1) {
    const argument = command[at]!;
    if (argument === "-jar" || argument === "-m" || argument === "--module") {
      at += 1;
      break;
    }
    if (withValue.has(argument)) at += 1;
    else if (!argument.startsWith("-") && !argument.startsWith("@")) break;
  }
  return command.slice(at).join(" ");
}
