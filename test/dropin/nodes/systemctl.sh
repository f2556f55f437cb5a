#!/bin/bash
# Stands in for systemctl on a test node: records each call, and starts, shows and stops a unit as
# its drop-in says. It knows what `trogdor cluster` asks for, and nothing else.
#   /tmp/systemctl.log   each call, with its account
set -u
echo "$(id -un): $*" >>/tmp/systemctl.log
units=/etc/systemd/system
dropins=/run/systemd/system
if [ "${1:-}" = --user ]; then
  units=/etc/systemd/user
  dropins=$XDG_RUNTIME_DIR/systemd/user
  shift
fi
verb=$1
shift
property=
while [ $# -gt 0 ]; do
  case $1 in
    --property) property=$2; shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
unit=${1:-}
template=$(echo "$unit" | sed 's/@.*\./@./')
dropin=$dropins/$unit.d/50-trogdor-cluster.conf
pid_file=/tmp/unit-$(echo "$unit" | tr @ _).pid
pid=$(cat "$pid_file" 2>/dev/null || echo 0)
runs() { [ "$pid" != 0 ] && grep -qs '^State:.[^Z]' "/proc/$pid/status"; }
setting() { sed -n "s/^$1=//p" "$dropin" | tail -n 1; }

# As systemd reads them: $$ and %% stand for one of them, all else in quotes for itself.
words() { setting "$1" | sed 's/%%/%/g; s/\$\$/$/g; s/\$/\\$/g'; }
execute() {
  eval "set -- $(words "$1")"
  account=$(setting User)
  if [ "$(id -u)" = 0 ]; then set -- setpriv --reuid "${account:-root}" \
    --regid "$(id -g "${account:-root}")" --init-groups env \
    HOME="$(getent passwd "${account:-root}" | cut -d: -f6)" "$@"; fi
  cd "$(setting WorkingDirectory)" || exit 1
  exec setsid "$@"
}

case $verb in
  --version | daemon-reload | reset-failed) ;;
  cat) [ -f "$units/$unit" ] || [ -f "$units/$template" ] ;;
  start)
    output=$(setting StandardOutput)
    (execute ExecStart) </dev/null >>"${output#append:}" 2>&1 &
    echo $! >"$pid_file"
    chmod 644 "$pid_file"
    ;;
  show)
    case $property in
      MainPID) if runs; then echo "$pid"; else echo 0; fi ;;
      ActiveState) if runs; then echo active; else echo inactive; fi ;;
      *) exit 1 ;;
    esac
    ;;
  stop)
    kill -TERM "$pid"
    (
      while runs; do sleep 0.05; done
      execute ExecStopPost
    ) </dev/null >/dev/null 2>&1 &
    ;;
  kill) kill -KILL "$pid" ;;
  *) echo "the stand-in knows no $verb" >&2; exit 1 ;;
esac
