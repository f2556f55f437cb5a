// A task that a reader has seen DONE is DONE for every later reader, over restarts too.

import type { Checker } from "./checker.ts";

export const doneStaysDone: Checker = {
  name: "DONE stays DONE",
  check(history) {
    const doneMs = new Map<string, number>();
    const problems: string[] = [];
    for (const { taskId, state, atMs } of history.sightings) {
      const earlierMs = doneMs.get(taskId);
      if (state === "DONE") doneMs.set(taskId, earlierMs ?? atMs);
      else if (earlierMs !== undefined) {
        problems.push(`task ${taskId} was DONE at ${earlierMs} and is ${state} at ${atMs}`);
      }
    }
    return problems;
  },
};
