// Ranges in names: `foo[1-3]` is foo1, foo2, foo3. The last bracket pair of a name expands, both
// ends included, leading zeros are lost; a name without a range stands for itself.

import { TrogdorError } from "../core/trogdor-error.ts";

/** The most names that one range may stand for; the reference has no bound but its memory. */
export const RANGE_NAMES_MAX = 100_000;

/** The last pair of brackets that holds digits, a dash and digits; an empty end is an error. */
const RANGE = /^(.*)\[([0-9]*)-([0-9]*)\](.*)$/;

/** Stands behind the reference's words for what is wrong. */
const expectedRange = "expected a range like foo[1-3], with numbers up to 2147483647";

/** One step, as the keys of topic maps are expanded: only the last range of the name. */
export function expandRange(name: string): string[] {
  const match = RANGE.exec(name);
  if (match === null) return [name];
  const [, prefix = "", startText = "", endText = "", suffix = ""] = match;
  const start = rangeEnd(startText);
  const end = rangeEnd(endText);
  if (start > end) {
    throw rangeError(`Invalid range: start ${start} is higher than end ${end}; ${expectedRange}`);
  }
  const count = end - start + 1;
  if (count > RANGE_NAMES_MAX) {
    throw rangeError(
      `the range [${startText}-${endText}] stands for ${count} names, ` +
        `expected at most ${RANGE_NAMES_MAX}`,
    );
  }
  return Array.from({ length: count }, (_, index) => `${prefix}${start + index}${suffix}`);
}

/**
 * Repeated, as lists of topics are expanded. Like the reference it does not go on below a step that
 * gave a single name: `foo[0-1]:[2-2]` is the one name `foo[0-1]:2`.
 */
export function expandRanges(names: readonly string[]): string[] {
  const expanded = names.flatMap(expandRepeatedly);
  return [...new Set(expanded)];
}

function expandRepeatedly(name: string): string[] {
  const names = expandRange(name);
  if (names.length <= 1) return names;
  const result = names.flatMap(expandRepeatedly);
  if (result.length > RANGE_NAMES_MAX) {
    throw rangeError(`"${name}" stands for more than ${RANGE_NAMES_MAX} names`);
  }
  return result;
}

/** Java's parseInt: digits that fit 32 bits, and its words for those that do not. */
function rangeEnd(digits: string): number {
  const value = Number(digits);
  if (digits === "" || value > 2147483647) {
    throw rangeError(`For input string: "${digits}"; ${expectedRange}`);
  }
  return value;
}

function rangeError(message: string): TrogdorError {
  return new TrogdorError("spec", message);
}
