// The errno values that a fault may answer with. The helper has the same list; the kernel takes
// none of 512 and more from a file system.

import { constants } from "node:os";

export const errnoMax = 511;

/** `EIO` to 5, as this platform numbers them. */
export const errnoNames: ReadonlyMap<string, number> = new Map(
  Object.entries(constants.errno).filter(([, value]) => value >= 1 && value <= errnoMax),
);
