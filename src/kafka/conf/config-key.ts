// The shape of one row of the table of Java configuration keys (keys/): what Kafka 4.1 knows of the
// key, and what this program does with it. Reading a configuration, its messages and
// docs/client-configuration.md all come from these rows.

export type ConfClient = "producer" | "consumer" | "admin";

/** The types of Java's ConfigDef. */
export type ConfType =
  | "boolean"
  | "short"
  | "int"
  | "long"
  | "double"
  | "string"
  | "list"
  | "password"
  | "class";

/**
 * - `used`: means here what it means in Java.
 * - `ignored`: changes nothing here; setting it is a warning.
 * - `refused`: would change what is sent, where or how safely; setting it is a problem.
 */
export type Treatment = "used" | "ignored" | "refused";

/** The bounds that Java checks, in the words of its messages. */
export type Bounds =
  | { readonly kind: "range"; readonly min?: number; readonly max?: number }
  | { readonly kind: "rangeOr"; readonly min: number; readonly max: number; readonly or: number }
  | { readonly kind: "oneOf"; readonly values: readonly string[]; readonly ignoreCase: boolean }
  | { readonly kind: "nonEmpty" };

export interface ConfigKey {
  readonly name: string;
  readonly clients: readonly ConfClient[];
  readonly type: ConfType;
  /** As one would write it; undefined: not set. */
  readonly default: string | undefined;
  /** Where the admin client's default is another one. */
  readonly adminDefault?: string;
  /** Where the consumer's default is another one. */
  readonly consumerDefault?: string;
  readonly bounds?: Bounds;
  readonly treatment: Treatment;
  /** `used`: what it does. `ignored`: why nothing changes. `refused`: what to do instead. */
  readonly note: string;
  /** Values of an ignored or refused key that ask for what happens anyway. */
  readonly harmless?: readonly string[];
  /** The key has no effect unless security.protocol asks for this. */
  readonly onlyWith?: "sasl" | "tls";
}

export const atLeast = (min: number): Bounds => ({ kind: "range", min });
export const between = (min: number, max: number): Bounds => ({ kind: "range", min, max });
export const oneOf = (...values: string[]): Bounds => ({
  kind: "oneOf",
  values,
  ignoreCase: false,
});
export const oneOfIgnoringCase = (...values: string[]): Bounds => ({
  kind: "oneOf",
  values,
  ignoreCase: true,
});

/** What a group of rows has in common; a row overrides it. */
export type KeyGroup = Pick<ConfigKey, "clients" | "treatment"> &
  Partial<Pick<ConfigKey, "onlyWith" | "harmless">>;

type KeyRow = Partial<ConfigKey> & Pick<ConfigKey, "name" | "type" | "note">;

export function keysWith(group: KeyGroup, rows: readonly KeyRow[]): ConfigKey[] {
  return rows.map((row) => ({ default: undefined, ...group, ...row }));
}
