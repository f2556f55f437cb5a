// Numbers as people read them: grouped, scaled, with their unit. The status JSON keeps exact ones.

/** 1234567.8 -> `1,234,568`; below 100 two decimals are kept when there are any. */
export function countText(value: number | bigint): string {
  if (typeof value === "bigint") return group(value.toString());
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) < 100 && !Number.isInteger(value)) return trimZeros(value.toFixed(2));
  return group(value.toFixed(0));
}

/** 1500 -> `1.5k`, for places where the width is scarce. */
export function shortCountText(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) < 10_000) return countText(value);
  if (Math.abs(value) < 999_500) return `${significant(value / 1e3)}k`;
  if (Math.abs(value) < 999.5e6) return `${significant(value / 1e6)}M`;
  return `${significant(value / 1e9)}G`;
}

export function microsText(us: number): string {
  if (!Number.isFinite(us)) return "-";
  if (Math.abs(us) < 1000) return `${significant(us)} us`;
  if (Math.abs(us) < 1e6) return `${significant(us / 1e3)} ms`;
  return `${significant(us / 1e6)} s`;
}

/** For columns of times that are to be compared: all in milliseconds, without the unit. */
export function millisText(us: number): string {
  if (!Number.isFinite(us)) return "-";
  return Math.abs(us) < 1e6 ? significant(us / 1e3) : group((us / 1e3).toFixed(0));
}

/** Decimal megabytes, as network people count. */
export function bytesText(sizeBytes: number): string {
  if (!Number.isFinite(sizeBytes)) return "-";
  if (Math.abs(sizeBytes) < 1000) return `${significant(sizeBytes)} B`;
  if (Math.abs(sizeBytes) < 1e6) return `${significant(sizeBytes / 1e3)} kB`;
  if (Math.abs(sizeBytes) < 1e9) return `${significant(sizeBytes / 1e6)} MB`;
  return `${significant(sizeBytes / 1e9)} GB`;
}

/** 75.4 s -> `1m15s`, 3.2 s -> `3.2s`, 7300 s -> `2h01m`. */
export function elapsedText(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "-";
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h${pad(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${pad(hours % 24)}h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** Three significant digits, never in exponent form. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return trimZeros(value.toFixed(size >= 10 ? 1 : 2));
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
