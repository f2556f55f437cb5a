// What a task tells of itself.

/** A JSON value as a status is made of. 64-bit counters above 2^53 may be bigint. */
export type StatusJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly StatusJson[]
  | { readonly [key: string]: StatusJson };
