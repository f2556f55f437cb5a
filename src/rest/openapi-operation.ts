// How a path of the API is described for /openapi.json.

import type { GenericSchema } from "valibot";

export interface Operation {
  readonly method: "get" | "post" | "put" | "delete";
  readonly path: string;
  readonly summary: string;
  /** The schema that reads the body. */
  readonly body?: GenericSchema;
  readonly query?: readonly Parameter[];
  readonly pathParameter?: string;
  /** The JSON Schema of a good answer; `{}` exactly when absent. */
  readonly answer?: object;
  /** For answers that are not JSON. */
  readonly answerType?: string;
  /** The error codes beside 400. */
  readonly errors?: readonly number[];
}

export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly schema: object;
}

/** A schema among the document's components. */
export const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
