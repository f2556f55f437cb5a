// Ends the parts of a daemon one after another, the last one first, however many of them fail.

export type Ending = () => Promise<void> | void;

/** Rejects with the first failure, once everything has been tried. */
export async function shutDown(endings: readonly Ending[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of endings.toReversed()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
