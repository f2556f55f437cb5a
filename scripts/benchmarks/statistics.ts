// Median and spread of a few samples, and how they are written.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly samples: number;
}

/** Undefined without samples. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: percentile(sorted, 50),
    min: sorted[0]!,
    max: sorted[sorted.length - 1]!,
    samples: sorted.length,
  };
}

/** Of an ascending list: the nearest rank, but the mean of the middle two for an even median. */
export function percentile(
  sorted: Readonly<Float64Array> | readonly number[],
  percent: number,
): number {
  const { length } = sorted;
  if (percent === 50 && length % 2 === 0) {
    return (sorted[length / 2 - 1]! + sorted[length / 2]!) / 2;
  }
  return sorted[Math.max(0, Math.ceil((percent / 100) * length) - 1)]!;
}

/** Three significant digits, and thousands apart: `0.273`, `52.9`, `448,000`. */
export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  });
}

/** `median [lowest - highest]`. */
export function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  const { median, min, max, samples } = spread;
  if (samples === 1) return figure(median);
  return `${figure(median)} [${figure(min)} - ${figure(max)}]`;
}

/** How many times `base` this is; "-" when one is missing. */
export function ratioText(value: Spread | undefined, base: Spread | undefined): string {
  const ratio = ratioOf(value, base);
  return ratio === undefined ? "-" : `${figure(ratio)}x`;
}

export function ratioOf(value: Spread | undefined, base: Spread | undefined): number | undefined {
  if (value === undefined || base === undefined || base.median === 0) return undefined;
  return value.median / base.median;
}
