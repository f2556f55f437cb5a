// The answer to a request that a state machine does not grant; undefined stands for granted.

import type { TrogdorErrorCode } from "./trogdor-error.ts";

export interface Refusal {
  readonly code: TrogdorErrorCode;
  readonly message: string;
}
