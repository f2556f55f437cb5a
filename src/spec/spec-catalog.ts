// What the daemons and the REST layer need to know about specs, without knowing any task type. The
// registry's implementation is src/tasks/spec-catalog.ts.

import type { SpecData } from "../core/spec-data.ts";
import type { Topology } from "../core/topology.ts";
import type { JsonValue } from "./json.ts";

export interface SpecCatalog {
  /**
   * Reads a spec out of a request. Throws a TrogdorError: `unknownClass` for an unknown or missing
   * class, `spec` for everything else that the reference refuses at once.
   */
  read(json: JsonValue): SpecData;
  /** The nodes that get a worker; throws for a spec that cannot have any. */
  targetNodes(spec: SpecData, topology: Topology): readonly string[];
  /**
   * The form that a Java peer can read, with the names of our own fields that it lacks; undefined
   * for a class that Java does not know.
   */
  javaForm(spec: SpecData): JavaForm | undefined;
}

export interface JavaForm {
  readonly text: string;
  /** Our own fields with another value than their default, which the text lacks. */
  readonly leftOut: readonly string[];
}
