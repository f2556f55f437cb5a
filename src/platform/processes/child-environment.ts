// The environment of a child: our own without what the runtime inside of an executable of ours
// would obey before any code of ours runs (docs/building.md).

export const TOKEN_VARIABLE = "TROGDOR_WORKER";

const SCRUBBED = /^BUN_(?:BE_BUN|OPTIONS|INSPECT.*)$/;

export function childEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...own, ...added })) {
    if (value !== undefined && !SCRUBBED.test(name)) environment[name] = value;
  }
  return environment;
}
