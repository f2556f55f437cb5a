// The layers of a client's configuration in a workload, the reference's order: what the workload
// itself sets, then commonClientConf, then the client's own map. Later layers win.

export interface ConfLayers {
  readonly layers: readonly Readonly<Record<string, string>>[];
  /** Where each layer stands in the spec; "" is the workload's own. */
  readonly paths: readonly string[];
}

export type ConfMap = ReadonlyMap<string, string>;

/** `maps` are the spec's, by their field. */
export function confLayers(
  own: Readonly<Record<string, string>>,
  maps: Readonly<Record<string, ConfMap>>,
): ConfLayers {
  return {
    layers: [own, ...Object.values(maps).map(toRecord)],
    paths: ["", ...Object.keys(maps)],
  };
}

/** With one more layer that wins over all others, as the reference sets some keys last. */
export function withFinal(
  { layers, paths }: ConfLayers,
  final: Readonly<Record<string, string>>,
): ConfLayers {
  return { layers: [...layers, final], paths: [...paths, ""] };
}

/** Whether some layer but the workload's own says where the brokers are. */
export function namesServers(...maps: readonly ConfMap[]): boolean {
  return maps.some((map) => map.has("bootstrap.servers"));
}

/** Without a prototype, so that no key is special; an empty value does not reach a client. */
function toRecord(map: ConfMap): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null);
  for (const [key, value] of map) if (value !== "") record[key] = value;
  return record;
}
