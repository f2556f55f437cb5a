// Names by the system's resolver (/etc/hosts, then DNS).

import { lookup } from "node:dns/promises";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Address, Names } from "./names.ts";

export const realNames: Names = {
  async resolve(hostname) {
    try {
      const found = await lookup(hostname, { all: true });
      const addresses = found.map(
        ({ address, family }): Address => ({ address, family: family === 6 ? 6 : 4 }),
      );
      return addresses.toSorted((a, b) => a.family - b.family);
    } catch (error) {
      const message = `"${hostname}" has no address: the system's resolver does not know it`;
      throw new TrogdorError("task", message, { cause: error });
    }
  },
};
