"""Mounts the fault file system on nodes of other services and sets its faults."""

import json
import os
import shlex
from contextlib import contextmanager
from typing import Any, Iterable, Iterator, List, Mapping, Optional

from ducktape.services.service import Service
from ducktape.utils.util import wait_until

from . import arguments
from .service import _distinct, _ok


class KiboshService(Service):
    """`target` is what is shown at `mirror`, with faults. `command` is how Trogdor is called on the
    nodes (a path); the account needs sudo, unless it is root."""

    def __init__(self, context: Any, nodes: Iterable[Any], target: str, mirror: str,
                 command: str, persist: str = "/mnt/kibosh", timeout_sec: float = 20):
        arguments.check_types(
            "KiboshService", nodes=(nodes, arguments.NODES), target=(target, arguments.ROOT),
            mirror=(mirror, arguments.ROOT), command=(command, arguments.PATH),
            persist=(persist, arguments.ROOT), timeout_sec=(timeout_sec, arguments.SECONDS))
        super().__init__(context, num_nodes=0)
        self.nodes = _distinct(nodes)
        if not self.nodes:
            raise ValueError("there is no node to mount on")
        self.target = target
        self.mirror = mirror
        self.command = os.fspath(command)
        self.persist = persist
        self.timeout_sec = timeout_sec
        self.control = mirror + "/kibosh_control"
        self.logs = {"kibosh_log": {"path": persist + "/kibosh.log", "collect_default": True}}

    def allocate_nodes(self) -> None:
        """All nodes are others'."""

    def free(self) -> None:
        self.nodes = []

    def start_node(self, node: Any, **kwargs: Any) -> None:
        folders = " ".join(map(shlex.quote, (self.persist, self.target, self.mirror)))
        node.account.ssh("mkdir -p -- %s" % folders)
        node.account.ssh(
            "sudo -E %s kibosh --target %s --pidfile %s/pidfile --log %s/kibosh.log "
            "--control-mode 666 %s > %s/kibosh.out 2>&1" % (
                shlex.quote(self.command), shlex.quote(self.target), self.persist, self.persist,
                shlex.quote(self.mirror), self.persist))
        wait_until(lambda: _ok(node, "test -e %s" % shlex.quote(self.control)), self.timeout_sec,
                   0.1, "kibosh did not mount %s on %s" % (self.mirror, node.name))

    def stop_node(self, node: Any, **kwargs: Any) -> None:
        mirror = shlex.quote(self.mirror)
        node.account.ssh("if mountpoint -q %s; then sudo fusermount -u %s; fi" % (mirror, mirror))
        wait_until(lambda: self.wait_node(node), self.timeout_sec, 0.1,
                   "kibosh goes on at %s on %s" % (self.mirror, node.name))

    def wait_node(self, node: Any, timeout_sec: Optional[float] = None) -> bool:
        return not _ok(node, "pid=$(cat %s/pidfile 2> /dev/null) && test -d /proc/$pid"
                       % shlex.quote(self.persist))

    def clean_node(self, node: Any, **kwargs: Any) -> None:
        self.stop_node(node)
        node.account.ssh("sudo rm -rf -- %s" % shlex.quote(self.persist))

    def set_faults(self, node: Any, faults: List[Mapping[str, Any]]) -> None:
        """In force when this returns; replaces those that were set."""
        text = json.dumps({"faults": faults})
        node.account.create_file(self.control, text)
        found = self.get_faults(node)
        if json.loads(found)["faults"] != list(faults):
            raise ValueError("the faults of %s are %s; expected %s" % (node.name, found, text))

    def get_faults(self, node: Any) -> str:
        return "".join(node.account.ssh_capture("cat %s" % shlex.quote(self.control)))

    @contextmanager
    def faults(self, node: Any, faults: List[Mapping[str, Any]]) -> Iterator[None]:
        """Inside the block only, also when the block raises."""
        try:
            self.set_faults(node, faults)
            yield
        finally:
            node.account.create_file(self.control, '{"faults": []}')
