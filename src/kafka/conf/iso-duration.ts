// Durations as Java's java.time.Duration reads them, for auto.offset.reset=by_duration:...

const pattern = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{0,9})?)S)?)?$/i;

/** Milliseconds of `PnDTnHnMn.nS`; undefined for anything else, and for negative ones. */
export function isoDurationMs(text: string): number | undefined {
  const parts = pattern.exec(text);
  if (parts === null || text.length < 3) return undefined;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
}
