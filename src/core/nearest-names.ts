// The names a person may have meant: for a mistyped command, option or task class. Pure.

/** The longest input that is compared; anything longer is not a slip of the fingers. */
const comparedCharactersMax = 200;

/**
 * At most `countMax` of the names, best first: those within a third of the typed length in edits
 * (insert, delete, replace, swap neighbours; case does not count), then those that contain it.
 */
export function nearestNames(typed: string, names: readonly string[], countMax = 3): string[] {
  const wanted = typed.slice(0, comparedCharactersMax).toLowerCase();
  if (wanted === "") return [];
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  const scored: { name: string; score: number }[] = [];
  for (const name of names) {
    const candidate = name.toLowerCase();
    const distance = editDistance(wanted, candidate);
    const contains = wanted.length >= 3 && candidate.includes(wanted);
    if (distance <= allowed) scored.push({ name, score: distance });
    else if (contains) scored.push({ name, score: allowed + 1 });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, countMax).map((entry) => entry.name);
}

/** `; did you mean "x" or "y"?`, or nothing when no name is near. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const near = nearestNames(typed, names).map((name) => `"${name}"`);
  if (near.length === 0) return "";
  const last = near.pop();
  return `; did you mean ${near.length === 0 ? last : `${near.join(", ")} or ${last}`}?`;
}

/** Optimal string alignment distance, three rows at a time. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2]! + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
