// The addresses of a node that a spec names.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Address, Names } from "../../platform/names/names.ts";

/** At least one; IPv4 first. Throws a sentence that names the node. */
export async function addressesOfNode(
  node: string,
  hostname: string,
  names: Names,
): Promise<readonly Address[]> {
  try {
    const addresses = await names.resolve(hostname);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new TrogdorError("task", `node ${node}: ${errorText(error)}`, { cause: error });
  }
  throw new TrogdorError("task", `node ${node} has no address`);
}
