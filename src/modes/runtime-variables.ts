// The runtime inside the executable obeys some environment variables before any of our code runs,
// and no build option turns that off (docs/building.md). Who has them set for work with Bun should
// hear that they reach Trogdor too, and no process that we start should get them.

/** These had none: trust in brokers is a matter of the spec, and this is not plain Bun. */
const withoutEffect = ["BUN_BE_BUN", "NODE_TLS_REJECT_UNAUTHORIZED"];

const changing = ["BUN_OPTIONS", "BUN_INSPECT", "BUN_INSPECT_CONNECT_TO", "BUN_INSPECT_PRELOAD"];

/** Takes the variables out of `env`; answers what to say about those that had an effect. */
export function takeRuntimeVariables(env: Record<string, string | undefined>): string {
  const found = changing.filter((name) => env[name]);
  for (const name of [...changing, ...withoutEffect]) delete env[name];
  if (found.length === 0) return "";
  const them = found.length === 1 ? "it" : "them";
  const names = found.join(" and ");
  return `trogdor: warning: unset ${names}: the runtime inside Trogdor obeys ${them}\n`;
}
