// What `trogdor --version` prints. The build puts the commit in
// (scripts/executable/build-executable.ts).

import { version } from "../package.json";

declare const TROGDOR_COMMIT: string | undefined;

export { version };
export const commit = typeof TROGDOR_COMMIT === "string" ? TROGDOR_COMMIT : "development";
