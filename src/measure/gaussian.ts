// Numbers of a normal distribution with mean 0 and deviation 1, by the polar method of Marsaglia,
// from a source of numbers that are spread evenly from 0 to 1.

export type Uniform = () => number;

export function nextGaussian(uniform: Uniform): number {
  for (;;) {
    const a = 2 * uniform() - 1;
    const b = 2 * uniform() - 1;
    const square = a * a + b * b;
    if (square < 1 && square !== 0) return a * Math.sqrt((-2 * Math.log(square)) / square);
  }
}

/** A whole number of at least 1 around `average`, cut off as the reference does. */
export function gaussianCount(average: number, deviation: number, uniform: Uniform): number {
  const drawn = nextGaussian(uniform) * deviation;
  const off = Number.isNaN(drawn) ? 0 : Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31, drawn)));
  return Math.max(1, average + off);
}
