// Nothing happened that no daemon may do at all: end by a defect, or hang when it is told to stop.

import type { Checker } from "./checker.ts";

export const nothingBroke: Checker = {
  name: "nothing broke",
  check: (history) => history.mishaps,
};
