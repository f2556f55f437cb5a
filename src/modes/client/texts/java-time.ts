// Times as the reference's command line writes them: dates in ISO-8601 with the machine's present
// UTC offset and no trailing zeros in the fraction, durations in hours, minutes and seconds. Pure.

export interface DateZone {
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
}

/** The offset that holds now, for every date: the reference does the same. */
export function localZone(nowMs: number): DateZone {
  return { offsetMinutes: -new Date(nowMs).getTimezoneOffset() };
}

/** What a Date can hold. */
const dateMaxMs = 8.64e15;

/** `2019-01-08T20:59:29.85Z`, `2019-01-08T12:59:29.85-08:00`. */
export function dateText(ms: number | bigint, { offsetMinutes }: DateZone): string {
  const shiftedMs = Number(ms) + offsetMinutes * 60_000;
  if (Math.abs(shiftedMs) > dateMaxMs) return `${ms} ms after 1970`;
  const iso = new Date(shiftedMs).toISOString().slice(0, -1);
  return `${iso.replace(/\.0+$/, "").replace(/(\.\d*[1-9])0+$/, "$1")}${offset(offsetMinutes)}`;
}

function offset(minutes: number): string {
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  const parts = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, "0"));
  return `${minutes < 0 ? "-" : "+"}${parts.join(":")}`;
}

/** 61200 -> `1m1s`, 7201000 -> `2h1s`; no days, no milliseconds, at least `0s`. */
export function durationText(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  const parts = [
    [Math.trunc(seconds / 3600), "h"],
    [Math.trunc(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const text = parts.map(([value, unit]) => (value === 0 ? "" : `${value}${unit}`)).join("");
  return text === "" ? "0s" : text;
}
