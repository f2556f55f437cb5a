// How a file system is mounted, and the helper's arguments that say so.

export interface MountOptions {
  /** The folder that the mount shows. May be the mount point itself. */
  readonly target: string;
  readonly mountpoint: string;
  readonly pidfile?: string | undefined;
  /** Standard error when it is missing, or nothing in the background. */
  readonly log?: string | undefined;
  /** Octal mode of the control file. */
  readonly controlMode?: string | undefined;
  readonly randomSeed?: string | undefined;
  readonly threads?: number | undefined;
  /** For how long the kernel may keep names and attributes. */
  readonly timeoutSec?: number | undefined;
  /** First column of the mount table. */
  readonly source?: string | undefined;
  readonly foreground?: boolean;
  readonly verbose?: boolean;
  /** Mounts again, without faults, when the file system's process dies. */
  readonly remount?: boolean;
  /** Uses the page cache even where direct I/O can do everything. */
  readonly cached?: boolean;
  /** Direct I/O also where shared mappings are then refused. */
  readonly direct?: boolean;
  readonly passthrough?: boolean;
  readonly trackUnsynced?: boolean;
  readonly readOnly?: boolean;
  readonly nonempty?: boolean;
  /** Ends when the process that started it ends. */
  readonly parentBound?: boolean;
}

export function helperArguments(options: MountOptions): string[] {
  const values: [string, string | number | undefined][] = [
    ["target", options.target],
    ["pidfile", options.pidfile],
    ["log", options.log],
    ["control-mode", options.controlMode],
    ["random-seed", options.randomSeed],
    ["threads", options.threads],
    ["timeout", options.timeoutSec],
    ["source", options.source],
  ];
  const switches: [string, boolean | undefined][] = [
    ["foreground", options.foreground],
    ["verbose", options.verbose],
    ["remount", options.remount],
    ["cached", options.cached],
    ["direct", options.direct],
    ["passthrough", options.passthrough],
    ["track-unsynced", options.trackUnsynced],
    ["read-only", options.readOnly],
    ["nonempty", options.nonempty],
    ["parent-bound", options.parentBound],
  ];
  return [
    ...values.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
    ...switches.flatMap(([name, isOn]) => (isOn === true ? [`--${name}`] : [])),
    "--",
    options.mountpoint,
  ];
}
