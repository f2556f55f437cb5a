// A field of a spec: its type, its default (null and absent mean the same), and its documentation,
// from which the JSON Schema and the docs are made.

import * as v from "valibot";

export type Unit = "ms" | "bytes" | "messages" | "messages/s" | "percent" | "partitions";

export interface FieldNotes {
  readonly unit?: Unit;
  /** One of our own fields: it is left out of the printed form while it has its default. */
  readonly isExtension?: true;
  /** One of the reference's fields that takes more here: whether it would take this value too. */
  readonly isForReference?: (value: unknown) => boolean;
  /** Printed even when it is empty. */
  readonly alwaysPrinted?: true;
  /** Any JSON. Printed as it is, null included; only an empty object or list is left out. */
  readonly isFreeJson?: true;
}

const notesOfFields = new WeakMap<object, FieldNotes>();

/** What a field's builder noted, for the printer and the docs. */
export function fieldNotes(schema: object): FieldNotes {
  return notesOfFields.get(schema) ?? {};
}

/** The type of every field: any JSON goes in, absence included; the value comes out. */
export type FieldSchema<Output> = v.GenericSchema<unknown, Output>;

/** A field with a default, which is written as it would stand in the JSON. */
export function field<const Schema extends v.GenericSchema>(
  schema: Schema,
  byDefault: unknown,
  description: string,
  notes: FieldNotes = {},
): FieldSchema<v.InferOutput<Schema>> {
  return noted(v.nullish(schema as v.GenericSchema, byDefault as never), description, notes);
}

/** A field that may be missing; its value is then undefined. */
export function optionalField<const Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
  notes: FieldNotes = {},
): FieldSchema<v.InferOutput<Schema> | undefined> {
  const described = noted(v.nullish(schema as v.GenericSchema), description, notes);
  // Behind the description: the JSON Schema is made of what stands before a transformation.
  const absent = v.transform((value: unknown) => value ?? undefined);
  const result = v.pipe(described, absent);
  notesOfFields.set(result, notes);
  return result as unknown as FieldSchema<v.InferOutput<Schema> | undefined>;
}

/** A field that holds any JSON, null when it is absent. `read` may change how values are kept. */
export function freeJsonField<Output>(
  read: (value: unknown) => Output,
  description: string,
): FieldSchema<Output> {
  const described = v.pipe(v.nullish(v.unknown(), null), v.description(description));
  const result = v.pipe(described, v.transform(read));
  notesOfFields.set(result, { isFreeJson: true });
  return result as unknown as FieldSchema<Output>;
}

/** A field of which absence and null are the schema's own business. */
export function documented<const Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
): FieldSchema<v.InferOutput<Schema>> {
  return noted(schema as v.GenericSchema, description, {});
}

function noted<Output>(
  schema: v.GenericSchema<unknown, unknown>,
  description: string,
  notes: FieldNotes,
): FieldSchema<Output> {
  const unit = notes.unit === undefined ? {} : { "x-unit": notes.unit };
  const result = v.pipe(schema, v.description(description), v.metadata(unit));
  notesOfFields.set(result, notes);
  return result as unknown as FieldSchema<Output>;
}
