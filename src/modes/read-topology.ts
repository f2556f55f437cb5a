// Reads the file that -c names.

import type { Topology } from "../core/topology.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import { parseTopologyConf } from "../spec/topology-conf.ts";
import { readTextFile } from "./read-spec.ts";

export async function readTopology(path: string): Promise<Topology> {
  const text = await readTextFile(path, "configuration");
  try {
    return parseTopologyConf(text, path);
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.message.includes(path)) throw error;
    throw new TrogdorError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
