// What `trogdor --version` prints. The build puts the commit in (`--define TROGDOR_COMMIT`).

declare const TROGDOR_COMMIT: string | undefined;

export const version = "0.1.0";
export const commit = typeof TROGDOR_COMMIT === "string" ? TROGDOR_COMMIT : "development";
