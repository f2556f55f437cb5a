// Why a key store could not be read. Whoever knows which settings named it makes the problem of it.

export class StoreError extends Error {
  override readonly name = "StoreError";
  /** What is wrong or missing; `content`: the file is not what it should be. */
  readonly kind: "password" | "keyPassword" | "content";

  constructor(kind: StoreError["kind"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
