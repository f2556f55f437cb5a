#!/bin/bash
# A network of machines for a test: one bridge in a network namespace of its own, and for each node
# network, mount, process and host-name namespaces with an sshd (node.sh). Runs as the first process
# of a process namespace, so that all of it ends when this process is killed, and leaves nothing.
#   hub.sh FOLDER COUNT [BIND...]     BIND is SOURCE:TARGET, shown in every node, read-only
# FOLDER holds root/ (what a node has beside this machine's files), key.pub and hosts.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$1
count=$2
shift 2

mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/netns
mount --bind "$folder/hosts" /etc/hosts
ip link set lo up
ip link add br0 type bridge
ip addr add 10.99.7.1/24 dev br0
ip link set br0 up
for index in $(seq 1 "$count"); do
  name=trog$index
  ip netns add "$name"
  ip link add "v$index" type veth peer name eth0 netns "$name"
  ip link set "v$index" master br0 up
  ip -n "$name" addr add "10.99.7.$((10 + index))/24" dev eth0
  ip -n "$name" link set eth0 up
  ip -n "$name" link set lo up
  ip -n "$name" route add default via 10.99.7.1
  nsenter --net="/run/netns/$name" unshare --mount --pid --uts --fork --kill-child \
    bash "$here/node.sh" "$folder" "$name" "$@" >"$folder/$name.log" 2>&1 &
done
for index in $(seq 1 "$count"); do
  until (exec 3<>"/dev/tcp/trog$index/22") 2>/dev/null; do
    kill -0 "$(jobs -p | sed -n "${index}p")" || { cat "$folder/trog$index.log" >&2; exit 1; }
    sleep 0.05
  done
done
echo ready >"$folder/ready"
wait
