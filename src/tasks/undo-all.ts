// An undo of several parts: one that cannot be put back must not keep the others as they are.

/** Takes every step in order, whatever becomes of the others; rejects with the first error. */
export async function undoAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: { readonly error: unknown }[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push({ error });
    }
  }
  if (failures[0] !== undefined) throw failures[0].error;
}
