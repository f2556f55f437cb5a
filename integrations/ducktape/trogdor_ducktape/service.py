"""A ducktape service that runs Trogdor: agents on nodes of other services, a coordinator on one more.

It copies the executable to each node, starts the daemons on all nodes at once, waits until they
answer, and at its end stops them and looks that they are gone. docs/ducktape.md describes it.
"""

import hashlib
import json
import os
import re
import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional

import requests
from ducktape.cluster.remoteaccount import RemoteCommandError
from ducktape.services.service import Service

from . import arguments
from .client import CoordinatorClient, SpecLike, Task, TrogdorError

PLATFORM = "org.apache.kafka.trogdor.basic.BasicPlatform"
NODES_AT_ONCE = 16


class Place(NamedTuple):
    """Where a daemon lives on its node."""

    root: str
    port: int


class Daemon(NamedTuple):
    role: str
    node: Any
    name: str
    place: Place

    @property
    def url(self) -> str:
        return "http://%s:%d" % (self.node.account.externally_routable_ip, self.place.port)

    @property
    def pid_file(self) -> str:
        return "%s/%s.pid" % (self.place.root, self.role)

    @property
    def output(self) -> str:
        return "%s/logs/trogdor-%s.out" % (self.place.root, self.role)

    def __str__(self) -> str:
        return "the %s on %s" % (self.role, self.name)


class TrogdorService(Service):
    """One of `binary` (a local file, copied to the nodes) and `command` (a path that exists there) is
    needed. `place(node, role)` gives a Place other than the usual one, for several nodes on one
    machine. With a `token`, daemons refuse callers without it.
    """

    def __init__(self, context: Any, agent_nodes: Optional[Iterable[Any]] = None,
                 client_services: Optional[Iterable[Any]] = None, binary: Optional[str] = None,
                 command: Optional[str] = None, coordinator_node: Any = None,
                 agent_port: int = 8888, coordinator_port: int = 8889,
                 root: str = "/mnt/trogdor", cache: str = "/var/tmp/trogdor-bin",
                 place: Optional[Callable[[Any, str], Place]] = None,
                 env: Optional[Mapping[str, str]] = None, token: Optional[str] = None,
                 start_timeout_sec: float = 30, stop_timeout_sec: float = 20):
        arguments.check_types(
            "TrogdorService",
            binary=(binary, arguments.PATH), command=(command, arguments.PATH), token=(token, arguments.TEXT),
            root=(root, arguments.ROOT), cache=(cache, arguments.ROOT), agent_port=(agent_port, arguments.PORT),
            coordinator_port=(coordinator_port, arguments.PORT), env=(env, arguments.ENV), place=(place, arguments.FUNCTION),
            start_timeout_sec=(start_timeout_sec, arguments.SECONDS),
            stop_timeout_sec=(stop_timeout_sec, arguments.SECONDS), agent_nodes=(agent_nodes, arguments.NODES),
            client_services=(client_services, arguments.SERVICES))
        agents = _distinct([node for service in client_services or [] for node in service.nodes]
                           + list(agent_nodes or []))
        _check_arguments(agents, binary, command, token)
        self._given_coordinator_node = coordinator_node
        super().__init__(context, num_nodes=1)
        self.coordinator_node = coordinator_node or self.nodes[0]
        self.agent_nodes = agents
        self.nodes = _distinct([*agents, self.coordinator_node])
        self.binary = None if binary is None else os.fspath(binary)
        self.command = None if command is None else os.fspath(command)
        self.cache = cache
        self.env = dict(env or {})
        self.token = token
        self.start_timeout_sec = start_timeout_sec
        self.stop_timeout_sec = stop_timeout_sec
        ports = {"agent": agent_port, "coordinator": coordinator_port}
        self._place = place or (lambda _, role: Place(root, ports[role]))
        self._names = _node_names(self.nodes)
        self._digest: Optional[str] = None
        self._results: Dict[str, Any] = {}
        self.daemons = [self._daemon(node, "agent") for node in agents]
        self.daemons.append(self._daemon(self.coordinator_node, "coordinator"))
        self.coordinator = CoordinatorClient(self.daemons[-1].url, token=token)
        roots = sorted({daemon.place.root for daemon in self.daemons})
        self.logs = {"trogdor_logs_%d" % index: {"path": each + "/logs", "collect_default": True}
                     for index, each in enumerate(roots)}

    def allocate_nodes(self) -> None:
        if self._given_coordinator_node is None:
            super().allocate_nodes()

    def free(self) -> None:
        """Agents' nodes, and a coordinator's that was given, belong to others."""
        self.nodes = [] if self._given_coordinator_node is not None else [self.coordinator_node]
        super().free()

    def name(self, node: Any) -> str:
        """What specs call the node."""
        return self._names[id(node)]

    def _daemon(self, node: Any, role: str) -> Daemon:
        return Daemon(role, node, self.name(node), self._place(node, role))

    def _daemons_on(self, node: Any) -> List[Daemon]:
        return [daemon for daemon in self.daemons if daemon.node is node]

    # Life.

    def start(self, **kwargs: Any) -> None:
        """What is left of earlier runs goes from all nodes before anything starts on one. When one
        does not start, the others are stopped again."""
        self._start_time = time.time()
        self.logger.info("%s: starting service" % self.who_am_i())
        self._on_all(self.stop_node)
        if kwargs.get("clean", True):
            self._on_all(self.clean_node)
        try:
            self._on_all(self.start_node)
        except BaseException:
            self._stop_quietly()
            raise
        self._start_duration_seconds = time.time() - self._start_time

    def _stop_quietly(self) -> None:
        """The error that ended the start is the one to be seen."""
        try:
            self._on_all(self.stop_node)
        except Exception as error:
            self.logger.warning("%s: not stopped: %s" % (self.who_am_i(), error))

    def start_node(self, node: Any, **kwargs: Any) -> None:
        executable = self._install(node)
        for daemon in self._daemons_on(node):
            self._launch(daemon, executable)
        for daemon in self._daemons_on(node):
            self._wait_until_ready(daemon)

    def stop(self, **kwargs: Any) -> None:
        """Agents first: the coordinator then sees how their workers ended."""
        self._stop_time = time.time()
        self.logger.info("%s: stopping service" % self.who_am_i())
        self._save_results()
        self._on_all(lambda node: self._stop_daemons(node, "agent"))
        self._stop_daemons(self.coordinator_node, "coordinator")
        self._stop_duration_seconds = time.time() - self._stop_time

    def stop_node(self, node: Any, **kwargs: Any) -> None:
        self._stop_daemons(node, "agent")
        self._stop_daemons(node, "coordinator")

    def clean_node(self, node: Any, **kwargs: Any) -> None:
        """Keeps the executable, for the next test."""
        self.stop_node(node)
        roots = sorted({daemon.place.root for daemon in self._daemons_on(node)})
        node.account.ssh("rm -rf -- %s" % " ".join(map(shlex.quote, roots)))

    def alive(self, node: Any) -> bool:
        return any(_ok(node, _alive_command(daemon)) for daemon in self._daemons_on(node))

    def wait_node(self, node: Any, timeout_sec: Optional[float] = None) -> bool:
        """True when no daemon is left there within the time."""
        end = time.monotonic() + (timeout_sec or 0)
        while self.alive(node):
            if time.monotonic() >= end:
                return False
            time.sleep(0.1)
        return True

    def _on_all(self, action: Callable[[Any], None]) -> None:
        """Every node is tried, whatever happens on others; all failures are told."""
        failures = []
        with ThreadPoolExecutor(NODES_AT_ONCE) as pool:
            futures = [(node, pool.submit(action, node)) for node in self.nodes]
        for node, future in futures:
            error = future.exception()
            if error is not None:
                failures.append((node, error))
        if len(failures) == 1:
            raise failures[0][1]
        if failures:
            texts = ["%s: %s" % (self.name(node), error) for node, error in failures]
            raise TrogdorError("; ".join(texts)) from failures[0][1]

    def _install(self, node: Any) -> str:
        if self.command is not None:
            return self.command
        assert self.binary is not None
        if self._digest is None:
            self._digest = _sha256(self.binary)
        path = "%s/trogdor-%s" % (self.cache, self._digest[:16])
        check = "test -x %s && echo '%s  %s' | sha256sum -c --status" % (path, self._digest, path)
        if not _ok(node, check):
            self.logger.info("copying %s to %s" % (self.binary, self.name(node)))
            part = "%s.%s" % (path, self.name(node))
            node.account.ssh("mkdir -p -- %s" % shlex.quote(self.cache))
            node.account.copy_to(self.binary, part)
            node.account.ssh("chmod 755 %s && mv %s %s" % (part, part, path))
        return path

    def _launch(self, daemon: Daemon, executable: str) -> None:
        root = daemon.place.root
        account = daemon.node.account
        account.ssh("mkdir -p -m 755 -- %s %s/logs" % (shlex.quote(root), shlex.quote(root)))
        account.create_file(root + "/trogdor.conf", json.dumps(self.configuration(), indent=2))
        words = [executable, daemon.role, "--config", root + "/trogdor.conf", "--node", daemon.name]
        words += ["--log-file", "%s/logs/trogdor-%s.log" % (root, daemon.role)]
        words += ["--state-dir", self._state_dir(daemon)]
        if self.token is None:
            words.append("--insecure")
        else:
            account.ssh("umask 077; touch %s/token" % shlex.quote(root))
            account.create_file(root + "/token", self.token)
            words += ["--token-file", root + "/token"]
        env = ["%s=%s" % pair for pair in self.env.items()]
        account.ssh("cd %s && { env %s setsid %s < /dev/null >> %s 2>&1 & echo $! > %s; }" % (
            shlex.quote(root), " ".join(map(shlex.quote, env)), " ".join(map(shlex.quote, words)),
            shlex.quote(daemon.output), shlex.quote(daemon.pid_file)))

    def _state_dir(self, daemon: Daemon) -> str:
        return "none" if daemon.role == "coordinator" else daemon.place.root + "/state"

    def configuration(self) -> Dict[str, Any]:
        """trogdor.conf, the same on all nodes."""
        nodes: Dict[str, Dict[str, Any]] = {}
        for daemon in self.daemons:
            entry = nodes.setdefault(daemon.name, {"hostname": _hostname(daemon.node)})
            entry["trogdor.%s.port" % daemon.role] = daemon.place.port
        return {"platform": PLATFORM, "nodes": nodes}

    def _wait_until_ready(self, daemon: Daemon) -> None:
        end = time.monotonic() + self.start_timeout_sec
        last_error: Any = None
        while time.monotonic() < end:
            try:
                answer = self._ask(daemon)
                self._check_version(daemon, answer.headers.get("Trogdor-Version"))
                return
            except requests.RequestException as error:
                last_error = error
            if not _ok(daemon.node, _alive_command(daemon)):
                raise TrogdorError("%s ended at its start:\n%s" % (daemon, self._last_lines(daemon)))
            time.sleep(0.1)
        raise TrogdorError("%s does not answer at %s after %g s (%s):\n%s" % (
            daemon, daemon.url, self.start_timeout_sec, last_error, self._last_lines(daemon)))

    def _ask(self, daemon: Daemon) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        headers = {} if self.token is None else {"Authorization": "Bearer " + self.token}
        answer = session.get("%s/%s/uptime" % (daemon.url, daemon.role), timeout=5, headers=headers)
        answer.raise_for_status()
        return answer

    def _check_version(self, daemon: Daemon, version: Optional[str]) -> None:
        """One program on all nodes: another version is a forgotten daemon or a wrong copy."""
        known = self.__dict__.setdefault("version", version)
        if version != known:
            raise TrogdorError("%s has version %s, others have %s" % (daemon, version, known))

    def _last_lines(self, daemon: Daemon) -> str:
        command = "tail -n 20 %s %s/logs/trogdor-%s.log 2> /dev/null || true" % (
            daemon.output, daemon.place.root, daemon.role)
        return "".join(daemon.node.account.ssh_capture(command))

    def _stop_daemons(self, node: Any, role: str) -> None:
        for daemon in self._daemons_on(node):
            if daemon.role != role:
                continue
            tenths = max(1, int(self.stop_timeout_sec * 10))
            command = _stop_command(daemon, tenths)
            answer = "".join(node.account.ssh_capture(command)).strip()
            if answer != "":
                self.logger.warning("%s did not end within %g s of SIGTERM and was killed" % (
                    daemon, self.stop_timeout_sec))
                self._clean_up_after_kill(daemon, answer)

    def _clean_up_after_kill(self, daemon: Daemon, executable: str) -> None:
        """Its guard undoes the faults; this waits for that, and does it where there is none."""
        if daemon.role == "agent":
            daemon.node.account.ssh("%s agent --cleanup --state-dir %s" % (
                shlex.quote(executable), shlex.quote(self._state_dir(daemon))), allow_fail=True)

    # Tasks.

    def create_task(self, task_id: str, spec: SpecLike) -> Task:
        return self.coordinator.create_task(task_id, spec)

    def stop_task(self, task_id: str) -> None:
        self.coordinator.stop_task(task_id)

    def tasks(self) -> Dict[str, Dict[str, Any]]:
        return self.coordinator.tasks()

    def wait_for_done(self, task_id: str, timeout_sec: float = 360) -> Any:
        return self.coordinator.task(task_id).wait(timeout_sec)

    @contextmanager
    def fault(self, task_id: str, spec: SpecLike, start_timeout_sec: float = 60,
              stop_timeout_sec: float = 60) -> Iterator[Task]:
        """In force inside the block, gone behind it, also when the block raises."""
        with self.coordinator.fault(task_id, spec, start_timeout_sec, stop_timeout_sec) as task:
            yield task

    def partition(self, *groups: Iterable[Any], duration_ms: int = 3_600_000,
                  task_id: Optional[str] = None) -> Any:
        """`with trogdor.partition([n1], [n2, n3]):` cuts groups of nodes off each other."""
        from .specs import network_partition
        names = [[each if isinstance(each, str) else self.name(each) for each in group]
                 for group in groups]
        chosen = task_id or "partition-%d" % time.time_ns()
        return self.fault(chosen, network_partition(names, duration_ms=duration_ms))

    def results(self) -> Dict[str, Any]:
        """State, error and status of each task: what a test returns to find it in data.json."""
        try:
            found = self.coordinator.whole_tasks()
        except TrogdorError:
            return self._results
        keys = ("state", "error", "status", "startedMs", "doneMs")
        self._results = {task_id: {key: task[key] for key in keys if key in task}
                         for task_id, task in found.items()}
        return self._results

    def _save_results(self) -> None:
        """A stop of something that never started is no failure."""
        retry_sec, self.coordinator.retry_sec = self.coordinator.retry_sec, 0
        try:
            results = self.results()
        finally:
            self.coordinator.retry_sec = retry_sec
        if results:
            with open(os.path.join(self.local_scratch_dir, "trogdor-results.json"), "w") as file:
                json.dump(results, file, indent=2)


def _check_arguments(agents: List[Any], binary: Optional[str], command: Optional[str],
                     token: Optional[str]) -> None:
    if not agents:
        raise ValueError("there is no node for an agent: give agent_nodes or client_services")
    if (binary is None) == (command is None):
        raise ValueError("give one of binary (a local file to copy) and command (a path on nodes)")
    if binary is not None and not os.path.isfile(binary):
        raise ValueError("binary is %r; expected the path of a trogdor executable here" % binary)
    if token is not None and not re.fullmatch("[!-~]+", token):
        raise ValueError("the token is not one word of printable ASCII characters")


def _distinct(nodes: Iterable[Any]) -> List[Any]:
    """A node that is named twice counts once."""
    return list({id(node): node for node in nodes}.values())


def _node_names(nodes: List[Any]) -> Dict[int, str]:
    """Nodes that are one machine share its name; their SSH hosts tell them apart."""
    names = [node.name for node in nodes]
    if len(set(names)) < len(names):
        names = [node.account.ssh_config.host for node in nodes]
    if len(set(names)) < len(names):
        raise ValueError("two nodes have the same name: %s" % ", ".join(sorted(names)))
    return {id(node): name for node, name in zip(nodes, names)}


def _hostname(node: Any) -> str:
    return getattr(node.account, "ssh_hostname", None) or node.account.externally_routable_ip


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _ok(node: Any, command: str) -> bool:
    try:
        return node.account.ssh(command, allow_fail=True) == 0
    except RemoteCommandError:
        return False


def _find_pid(daemon: Daemon) -> str:
    """Sets $pid when the process of the pid file is this daemon and not a zombie or a successor."""
    return ("pid=$(cat %s 2> /dev/null) && grep -qs '^State:.[^Z]' /proc/$pid/status && "
            "tr '\\0' ' ' < /proc/$pid/cmdline | grep -qF -- %s" % (
                shlex.quote(daemon.pid_file), shlex.quote(daemon.place.root + "/trogdor.conf")))


def _alive_command(daemon: Daemon) -> str:
    return "%s && kill -0 $pid" % _find_pid(daemon)


def _stop_command(daemon: Daemon, tenths: int) -> str:
    """Prints the path of the executable when the process had to be killed."""
    return ("alive() { %s; }; if alive; then exe=$(readlink /proc/$pid/exe); kill -TERM $pid; n=0; "
            "while alive && [ $n -lt %d ]; do sleep 0.1; n=$((n + 1)); done; "
            "if alive; then kill -KILL $pid; echo $exe; fi; fi; rm -f %s" % (
                _find_pid(daemon), tenths, shlex.quote(daemon.pid_file)))
