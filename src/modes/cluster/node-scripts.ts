// The shell commands that run on a node. They need a POSIX sh, coreutils and /proc, nothing of ours
// but the executable. A node's files are below one folder that belongs to the SSH account alone:
//   bin/trogdor-DIGEST    NODE/trogdor.conf  NODE/token  NODE/<role>.pid  NODE/<role>.start
//   NODE/state-<role>  NODE/logs    NODE/agent.unit: the systemd unit that the agent runs by

import type { ClusterNode } from "./inventory.ts";
import type { NodePaths, Role } from "./node-paths.ts";
import { quoted } from "./quoted.ts";
import {
  type AgentUnit,
  findUnitScript,
  unitFunctions,
  unitPidScript,
  unitStartScript,
  unitStopScript,
} from "./systemd-unit.ts";

export function rolesOf(node: ClusterNode): Role[] {
  const roles: Role[] = [];
  if (node.agentPort !== undefined) roles.push("agent");
  if (node.coordinatorPort !== undefined) roles.push("coordinator");
  return roles;
}

export function portOf(node: ClusterNode, role: Role): number {
  return (role === "agent" ? node.agentPort : node.coordinatorPort)!;
}

/** Defines `alive ROLE`: sets $pid when that role's daemon of this node runs. */
export function aliveFunction(paths: NodePaths): string {
  return `${unitFunctions}alive() {
${unitPidScript(paths)}  pid=$(cat ${quoted(`${paths.folder}/`)}"$1".pid 2>/dev/null) || return 1
  grep -qs '^State:.[^Z]' "/proc/$pid/status" || return 1
  tr '\\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- ${quoted(paths.conf)}
}
`;
}

/** Prints facts as NAME=VALUE lines. */
export function probeScript(paths: NodePaths, node: ClusterNode, sizeBytes: number): string {
  const folder = quoted(paths.root);
  return `${aliveFunction(paths)}
umask 077
if ! mkdir -p ${folder}/bin ${quoted(paths.folder)}/logs; then exit 1; fi
if [ ! -O ${folder} ]; then echo ${folder} belongs to somebody else >&2; exit 1; fi
echo "system=$(uname -s)"
echo "machine=$(uname -m)"
echo "freeKb=$(df -Pk ${folder} | awk 'NR == 2 { print $4 }')"
# It got its name, which holds its digest, only when that had been checked.
if [ -x ${quoted(paths.binary)} ] &&
  [ "$(wc -c <${quoted(paths.binary)})" = ${sizeBytes} ]; then echo copied=yes; fi
${findUnitScript(node)}
for role in agent coordinator; do
  if alive $role; then
    echo "$role=$(cat ${quoted(`${paths.folder}/`)}$role.start 2>/dev/null || echo unknown)"
  fi
done
`;
}

/** Reads the executable from standard input. */
export function copyScript(paths: NodePaths, digest: string): string {
  const part = quoted(`${paths.binary}.${paths.folder.split("/").at(-1)}.part`);
  return `umask 077
cat >${part} || { rm -f ${part}; exit 1; }
echo ${quoted(digest)} "" ${part} | sha256sum -c --status || {
  rm -f ${part}; echo "the copy of the executable is incomplete" >&2; exit 1; }
chmod 755 ${part} && mv ${part} ${quoted(paths.binary)}
for old in ${quoted(paths.root)}/bin/trogdor-*; do
  [ "$old" = ${quoted(paths.binary)} ] || rm -f "$old"
done
`;
}

export interface StartRequest {
  readonly paths: NodePaths;
  readonly confText: string;
  readonly token: string | undefined;
  readonly node: ClusterNode;
  readonly readyWithinSec: number;
  /** Starts the agent. */
  readonly unit: AgentUnit | undefined;
}

/** A unit that is just between two starts of its agent. */
const staleWithinSec = 20;

/** Starts what does not run yet; fails with a daemon's last lines when it ends or is not ready. */
export function startScript(request: StartRequest, role: Role, mark: string): string {
  const { paths, node, token, readyWithinSec, unit } = request;
  const options = [
    ...["--config", paths.conf, "--node", node.name],
    ...["--state-dir", `${paths.folder}/state-${role}`],
    ...["--log-file", `${paths.folder}/logs/${role}.log`],
    ...(token === undefined ? ["--insecure"] : ["--token-file", paths.token]),
  ];
  const command = [paths.binary, role, ...options];
  const client = role === "agent" ? "agent-client" : "client";
  const asked = [paths.binary, client, "uptime", "-t", `localhost:${portOf(node, role)}`, "--json"];
  if (token !== undefined) asked.push("--token-file", paths.token);
  const outputPath = `${paths.folder}/logs/${role}.out`;
  const output = quoted(outputPath);
  const launch =
    unit !== undefined && role === "agent"
      ? unitStartScript({ unit, paths, command, output: outputPath })
      : `setsid ${command.map(quoted).join(" ")} </dev/null >${output} 2>&1 &\npid=$!`;
  return `umask 077
${aliveFunction(paths)}
printf %s ${quoted(request.confText)} >${quoted(paths.conf)} || exit 1
${token === undefined ? "" : `printf %s ${quoted(token)} >${quoted(paths.token)} || exit 1`}
cd ${quoted(paths.folder)} || exit 1
${role === "agent" ? unitStopScript(paths, staleWithinSec) : ""}
# Its holder may be a Trogdor too, whose answer would be taken for that of the new one.
${listening}
if listening ${hexPort(portOf(node, role))}; then
  echo "port ${portOf(node, role)} is taken by another program" >&2
  # Only root is told by which.
  as_root ss -Hltnp "sport = :${portOf(node, role)}" 2>/dev/null |
    sed -n 's/.*users:((\\("[^"]*",pid=[0-9]*\\).*/it is held by \\1/p' >&2
  exit 1
fi
${launch}
echo "$pid" >${quoted(paths.pid(role))}
echo ${quoted(mark)} >${quoted(paths.started(role))}
# systemd may not have changed to the account yet: a signal would be refused.
runs() { grep -qs '^State:.[^Z]' "/proc/$pid/status"; }
end=$(($(date +%s) + ${readyWithinSec}))
while :; do
  if ! runs; then
    tail -n 20 ${output} >&2
    rm -f ${quoted(paths.pid(role))}
    exit 1
  fi
  if timeout 5 ${asked.map(quoted).join(" ")} >/dev/null 2>&1 && runs; then
    exit 0
  fi
  if [ "$(date +%s)" -ge $end ]; then
    echo "the ${role} does not answer after ${readyWithinSec} s" >&2
    tail -n 20 ${output} >&2
    exit 1
  fi
  sleep 0.1
done
`;
}

/** Defines `listening HEX`. */
const listening = `listening() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '{ print $2, $4 }' | grep -q ":$1 0A"
}`;

/** As /proc/net/tcp has it. */
function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/** SIGTERM, then SIGKILL; what a killed agent left changed is put back. */
export function stopScript(paths: NodePaths, role: Role, withinSec: number): string {
  const state = quoted(`${paths.folder}/state-agent`);
  const cleanUp = role === "agent" ? `"$exe" agent --cleanup --state-dir ${state} >&2` : ":";
  return `${aliveFunction(paths)}
${role === "agent" ? unitStopScript(paths, withinSec) : ""}if alive ${role}; then
  exe=$(readlink "/proc/$pid/exe")
  kill -TERM "$pid"
  n=0
  while alive ${role} && [ $n -lt ${withinSec * 10} ]; do sleep 0.1; n=$((n + 1)); done
  if alive ${role}; then
    kill -KILL "$pid"
    echo killed
    ${cleanUp}
  else
    echo stopped
  fi
fi
rm -f ${quoted(paths.pid(role))} ${quoted(paths.started(role))}
`;
}

/** Prints what a stopped node still shows of us, one line each. */
export function leftoverScript(paths: NodePaths, node: ClusterNode): string {
  const ports = rolesOf(node).map((role) => portOf(node, role));
  return `${unitFunctions}
for process in /proc/[0-9]*; do
  if tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -qF -- ${quoted(`${paths.folder}/`)} &&
    grep -qs '^State:.[^Z]' "$process/status" && [ "$process" != "/proc/$$" ] &&
    readlink "$process/exe" | grep -qF ${quoted(`${paths.root}/bin/`)}; then
    echo "process \${process#/proc/}: $(tr '\\0' ' ' <"$process/cmdline" | cut -c1-200)"
  fi
done
${listening}
${ports
  .map((port) => `if listening ${hexPort(port)}; then echo port ${port} is still listened on; fi`)
  .join("\n")}
as_root iptables -S 2>/dev/null | grep TROGDOR- | sed 's/^/rule /'
find ${quoted(`${paths.folder}/state-agent/journal`)} -type f 2>/dev/null |
  sed 's/^/fault not undone: /'
true
`;
}
