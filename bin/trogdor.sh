#!/bin/sh
# Stands in for the script of the same name of Apache Kafka: the same actions and arguments, with
# the Java behaviour (--java) of the one executable. It is the one that TROGDOR_BIN names, else the
# one in ../dist, beside this script, or in PATH.
#
# Like Java, a daemon started this way listens on all addresses and lets everyone on the network run
# commands; the coordinator forgets its tasks when it ends, unless TROGDOR_STATE_DIR names a folder.
set -eu

usage() {
  cat <<END
The Trogdor fault injector.

Usage:
  $0 ACTION [OPTIONS]

Actions:
  agent         Run the agent, which does the work on a node.
  coordinator   Run the coordinator, which drives the agents.
  client        Talk to the coordinator.
  agent-client  Talk to one agent.
  help          Show this help.
END
}

# The folder of this script, through symbolic links.
folder() {
  path=$0
  while [ -L "$path" ]; do
    link=$(readlink "$path")
    case $link in
      /*) path=$link ;;
      *) path=$(dirname -- "$path")/$link ;;
    esac
  done
  CDPATH='' cd -- "$(dirname -- "$path")" && pwd
}

find_executable() {
  if [ -n "${TROGDOR_BIN:-}" ]; then
    printf '%s\n' "$TROGDOR_BIN"
    return
  fi
  here=$(folder)
  for candidate in "$here/../dist/trogdor" "$here/trogdor"; do
    if [ -f "$candidate" ] && [ -x "$candidate" ]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  command -v trogdor || true
}

if [ $# -eq 0 ]; then
  usage
  exit 0
fi
action=$1
shift
case $action in
  agent | coordinator | client | agent-client) ;;
  help)
    usage
    exit 0
    ;;
  *)
    echo "Unknown action '$action'.  Type '$0 help' for help." >&2
    exit 1
    ;;
esac

executable=$(find_executable)
if [ -z "$executable" ] || [ ! -x "$executable" ]; then
  echo "$0: there is no executable ${executable:-trogdor in $(folder)/../dist, $(folder) or PATH}; \
set TROGDOR_BIN to where it is" >&2
  exit 1
fi

# Kafka's tests end every process whose command line matches kafka.kafka; found through PATH, the
# executable shows its bare name there.
case $executable in
  *kafka?kafka*)
    PATH=$(dirname -- "$executable"):$PATH
    export PATH
    executable=$(basename -- "$executable")
    ;;
esac

# Where the state is kept, unless the caller says so.
case "$action $*" in
  agent\ *--state-dir*) ;;
  coordinator\ *--state-dir*) ;;
  agent\ ?* | coordinator\ ?*)
    if [ -n "${TROGDOR_STATE_DIR:-}" ]; then
      set -- --state-dir "$TROGDOR_STATE_DIR/$action" "$@"
    elif [ "$action" = coordinator ]; then
      set -- --state-dir none "$@"
    fi
    ;;
esac

case $#:$action in
  0:*) exec "$executable" "$action" --java ;;
  *:agent | *:coordinator) exec "$executable" "$action" --java --insecure "$@" ;;
  *) exec "$executable" "$action" --java "$@" ;;
esac
