// Lets answers, timers, signals and the status have their turn between slices of a load.

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
