"""For users of Kafka's own kafkatest who can put no file into /opt/kafka-dev of their nodes, or have no
JDK there: its TrogdorService starts and stops our executable instead, and keeps all else."""

from typing import Any, Optional

from .service import TrogdorService


def kafkatest_patch(binary: Optional[str] = None, command: Optional[str] = None) -> None:
    """Call it once, before a test makes a TrogdorService of kafkatest."""
    from kafkatest.services.trogdor import trogdor as theirs  # type: ignore[import-not-found]

    patch_service(theirs.TrogdorService, binary, command)


def patch_service(service: Any, binary: Optional[str], command: Optional[str]) -> None:
    def ours(self: Any) -> TrogdorService:
        if getattr(self, "_ours", None) is None:
            self._ours = _Runner(self, binary, command)
        return self._ours

    service.start_node = lambda self, node, **_: ours(self).start_node(node)
    service.stop_node = lambda self, node, **_: ours(self).stop_node(node)
    service.clean_node = lambda self, node, **_: ours(self).clean_node(node)
    service.wait_node = lambda self, node, timeout_sec=None: ours(self).wait_node(node, timeout_sec)


class _Context:
    """What a service asks of its context; the real one must not run our service a second time."""

    def __init__(self, service: Any):
        self.logger = service.logger
        self.cluster = service.cluster
        self.services: Any = []


class _Runner(TrogdorService):
    def __init__(self, service: Any, binary: Optional[str], command: Optional[str]):
        coordinator = service.coordinator_node
        super().__init__(
            _Context(service), binary=binary, command=command, coordinator_node=coordinator,
            agent_nodes=[node for node in service.nodes if node is not coordinator],
            agent_port=service.agent_port, coordinator_port=service.coordinator_port)
