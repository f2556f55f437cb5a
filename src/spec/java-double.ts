// A double as Java prints it: always with a decimal point, and with an exponent outside of
// 0.001 <= |x| < 10000000 (`100.0`, `1.0E10`, `1.0E-4`). The digits are the shortest that read back
// to the same value.

export function javaDoubleText(value: number): string {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e7)) {
    const text = String(value);
    return text.includes(".") ? text : `${text}.0`;
  }
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  const mantissa = digits.includes(".") ? digits : `${digits}.0`;
  return `${mantissa}E${exponent.replace("+", "")}`;
}
