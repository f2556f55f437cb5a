// An agent under systemd: where a node runs systemd and has a unit for the agent, `cluster up`
// starts the agent through it, so that systemd restarts it, bounds it and keeps its log. A drop-in
// below /run, gone with the next boot at the latest, gives the unit this cluster's executable,
// configuration, token and account for as long as the cluster is up. The unit's own file is never
// changed. All of this is shell that runs on the node.

import type { ClusterNode } from "./inventory.ts";
import type { NodePaths } from "./node-paths.ts";
import { quoted } from "./quoted.ts";

/** `system trogdor-agent.service`, as the node tells it and keeps it in `agent.unit`. */
export interface AgentUnit {
  readonly scope: "system" | "user";
  readonly name: string;
}

export function unitPath(paths: NodePaths): string {
  return `${paths.folder}/agent.unit`;
}

export function parseUnit(text: string | undefined): AgentUnit | undefined {
  const [, scope, name] = /^(system|user) (\S+)$/.exec(text ?? "") ?? [];
  return scope === undefined ? undefined : { scope: scope as AgentUnit["scope"], name: name! };
}

/** Defines `as_root COMMAND...`, `ctl SCOPE ARGUMENT...` and `dropin SCOPE UNIT`. */
export const unitFunctions = `as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
ctl() {
  if [ "$1" = user ]; then
    shift
    XDG_RUNTIME_DIR=\${XDG_RUNTIME_DIR:-/run/user/$(id -u)} systemctl --user "$@"
  else
    shift
    as_root systemctl "$@"
  fi
}
dropin() {
  if [ "$1" = user ]; then place=\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/systemd/user
  else place=/run/systemd/system; fi
  echo "$place/$2.d/50-trogdor-cluster.conf"
}
`;

/** Prints unit=SCOPE NAME, or unitNote=WHY when there is one that cannot be used. */
export function findUnitScript({ name }: ClusterNode): string {
  // Other names would have to be escaped for systemd.
  const instance = /^[\w:.-]+$/.test(name) ? `trogdor-agent@${name}.service ` : "";
  return `if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
  found=
  note=
  for unit in ${instance}trogdor-agent.service; do
    if [ -z "$found" ] && systemctl cat $unit >/dev/null 2>&1; then
      if ctl system --version >/dev/null 2>&1; then found="system $unit"
      else note="$unit is there, but $(id -un) may not run systemctl with sudo"; fi
    fi
    if [ -z "$found" ] && [ "$(id -u)" != 0 ] && ctl user cat $unit >/dev/null 2>&1; then
      if [ -e "/var/lib/systemd/linger/$(id -un)" ]; then found="user $unit"
      else note="$unit would end with the login: loginctl enable-linger $(id -un)"; fi
    fi
  done
  if [ -n "$found" ]; then echo "unit=$found"; elif [ -n "$note" ]; then echo "unitNote=$note"; fi
fi
`;
}

export interface UnitStart {
  readonly unit: AgentUnit;
  readonly paths: NodePaths;
  readonly command: readonly string[];
  /** Where what the daemon prints goes. */
  readonly output: string;
}

/** Sets $pid to the process that systemd has started. */
export function unitStartScript({ unit, paths, command, output }: UnitStart): string {
  const { scope, name } = unit;
  const cleanUp = [
    paths.binary,
    "agent",
    "--cleanup",
    "--state-dir",
    `${paths.folder}/state-agent`,
  ];
  const lines = [
    "[Service]",
    "DynamicUser=no",
    // The files of the cluster are in /var/tmp by default.
    "PrivateTmp=no",
    `WorkingDirectory=${paths.folder.replaceAll("%", "%%")}`,
    "ExecStart=",
    `ExecStart=${command.map(systemdWord).join(" ")}`,
    "ExecStopPost=",
    `ExecStopPost=${cleanUp.map(systemdWord).join(" ")}`,
    `StandardOutput=append:${output.replaceAll("%", "%%")}`,
    "StandardError=inherit",
  ];
  const state = `$(ctl ${scope} show --property ActiveState --value ${name})`;
  return `case ${state} in
  inactive | failed) ;;
  *)
    echo "${name} runs already, and not for this cluster; stop it first:" \\
      "systemctl stop ${name}" >&2
    exit 1
    ;;
esac
: >${quoted(output)}
file=$(dropin ${scope} ${name})
{ printf '%s\\n' ${lines.map(quoted).join(" ")}
  ${scope === "system" ? 'echo "User=$(id -un)"' : ":"}
} >${quoted(`${paths.folder}/agent.dropin`)} || exit 1
echo ${scope} ${name} >${quoted(unitPath(paths))}
as_owner() { ${scope === "system" ? "as_root " : ""}"$@"; }
# Who asks systemd for the unit has to be able to read it, whatever the umask.
as_owner mkdir -p -m 755 "$(dirname "$file")" &&
  as_owner cp ${quoted(`${paths.folder}/agent.dropin`)} "$file" && as_owner chmod 644 "$file" &&
  ctl ${scope} daemon-reload && ctl ${scope} start ${name} || {
    tail -n 20 ${quoted(output)} >&2
    exit 1
  }
pid=$(ctl ${scope} show --property MainPID --value ${name})
`;
}

/** Part of `alive`: systemd may have started the agent anew since. */
export function unitPidScript(paths: NodePaths): string {
  const path = quoted(unitPath(paths));
  return `  if [ "$1" = agent ] && [ -s ${path} ]; then
    read -r scope unit <${path}
    ctl "$scope" show --property MainPID --value "$unit" >${quoted(paths.pid("agent"))}
  fi
`;
}

/**
 * Stops the unit, if the agent runs by one, and takes the drop-in away. After a boot, or when
 * another cluster has taken it since, the unit is not ours to stop: its drop-in tells.
 */
export function unitStopScript(paths: NodePaths, withinSec: number): string {
  const path = quoted(unitPath(paths));
  return `if [ -s ${path} ]; then
  read -r scope unit <${path}
  file=$(dropin "$scope" "$unit")
  if grep -qsF -- ${quoted(systemdWord(paths.conf))} "$file"; then
    over() {
      case $(ctl "$scope" show --property ActiveState --value "$unit") in
        inactive | failed) ;; *) return 1 ;;
      esac
    }
    if ! over; then
      ctl "$scope" stop --no-block "$unit" || exit 1
      n=0
      while ! over && [ $n -lt ${withinSec * 5} ]; do sleep 0.2; n=$((n + 1)); done
      if over; then echo stopped
      else
        ctl "$scope" kill --signal=KILL "$unit"
        n=0
        while ! over && [ $n -lt 50 ]; do sleep 0.2; n=$((n + 1)); done
        echo killed
      fi
    fi
    as_owner() { if [ "$scope" = system ]; then as_root "$@"; else "$@"; fi; }
    as_owner rm -f "$file"
    as_owner rmdir "$(dirname "$file")" 2>/dev/null
    ctl "$scope" reset-failed "$unit" 2>/dev/null
    ctl "$scope" daemon-reload
  fi
  rm -f ${path}
fi
`;
}

/** A word of ExecStart=: quotes, specifiers and variables mean nothing in it. */
export function systemdWord(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${escaped}"`;
}
