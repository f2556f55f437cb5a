"""Talks to a Trogdor coordinator; needs no ducktape.

>>> coordinator = CoordinatorClient("http://localhost:8889")
>>> task = coordinator.create_task("load", specs.no_op(duration_ms=1000))
>>> task.wait(timeout_sec=10)
"""

import json
import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Union
from urllib.parse import quote

import requests

SpecLike = Union[Mapping[str, Any], Any]

#: A coordinator that starts is waited for as long as harnesses of the Java one do.
RETRY_SEC = 9.0
CALL_TIMEOUT_SEC = 10.0
#: Servers take no request line without end.
QUERY_LENGTH_MAX = 4096


class TrogdorError(Exception):
    """A call that was refused, with the daemon's own words, or that nobody answered."""

    def __init__(self, message: str, status: Optional[int] = None):
        super().__init__(message)
        self.status = status


class TaskFailed(TrogdorError):
    """A task that ended with an error, or did not end in time. `state` is the last known one, `status`
    its status, `age_sec` how old that answer is."""

    def __init__(self, message: str, state: Mapping[str, Any], age_sec: float = 0.0):
        super().__init__(message)
        self.state = state.get("state")
        self.status = state.get("status")
        self.error = state.get("error", "")
        self.age_sec = age_sec


class CoordinatorClient:
    def __init__(self, url: str, token: Optional[str] = None, retry_sec: float = RETRY_SEC):
        self.url = url.rstrip("/")
        self.retry_sec = retry_sec
        self._session = requests.Session()
        self._session.trust_env = False  # No proxy stands between a test and its nodes.
        if token:
            self._session.headers["Authorization"] = "Bearer " + token

    def call(self, method: str, path: str, body: Any = None) -> Dict[str, Any]:
        """Refused connections are tried again, for creates too: they may be repeated."""
        give_up = time.monotonic() + self.retry_sec
        while True:
            try:
                answer = self._session.request(
                    method, self.url + path, timeout=CALL_TIMEOUT_SEC,
                    data=None if body is None else json.dumps(body),
                    headers={"Content-Type": "application/json"})
                break
            except requests.RequestException as error:
                if time.monotonic() >= give_up:
                    raise TrogdorError("no answer from %s: %s" % (self.url, error)) from error
                time.sleep(0.2)
        if answer.status_code // 100 != 2:
            raise TrogdorError("%s %s: %s" % (method, path, _message(answer)), answer.status_code)
        return answer.json()

    def tasks(self) -> Dict[str, Dict[str, Any]]:
        """All of them; their statuses have no latency histograms."""
        return self.call("GET", "/coordinator/tasks").get("tasks", {})

    def whole_tasks(self) -> Dict[str, Dict[str, Any]]:
        """All of them with their latency histograms, which are there for tasks that are named."""
        found: Dict[str, Dict[str, Any]] = {}
        for query in _queries(sorted(self.tasks())):
            found.update(self.call("GET", "/coordinator/tasks?" + query).get("tasks", {}))
        return found

    def create_task(self, task_id: str, spec: SpecLike) -> "Task":
        """Takes a dictionary, or an object that has one as `message`."""
        message = getattr(spec, "message", spec)
        if not isinstance(message, Mapping):
            raise TypeError("task %s: the spec is %r (%s); expected a dictionary, such as one of "
                            "trogdor_ducktape.specs makes" % (task_id, spec, type(spec).__name__))
        if not isinstance(task_id, str) or task_id == "":
            raise TypeError("the id of a task is %r; expected text that is not empty" % (task_id,))
        self.call("POST", "/coordinator/task/create", {"id": task_id, "spec": dict(message)})
        return Task(self, task_id)

    def task(self, task_id: str) -> "Task":
        return Task(self, task_id)

    def stop_task(self, task_id: str) -> None:
        self.call("PUT", "/coordinator/task/stop", {"id": task_id})

    @contextmanager
    def fault(self, task_id: str, spec: SpecLike, start_timeout_sec: float = 60,
              stop_timeout_sec: float = 60) -> Iterator["Task"]:
        """A fault that is in force inside the block, and gone when the block is left in any way."""
        task = self.create_task(task_id, spec)
        try:
            task.wait_running(start_timeout_sec)
            yield task
        except BaseException:
            _heal_quietly(task, stop_timeout_sec)
            raise
        task.stop()
        task.wait(stop_timeout_sec)


def _heal_quietly(task: "Task", timeout_sec: float) -> None:
    """The error that ended the block is the one to be seen."""
    try:
        task.stop()
        task.wait(timeout_sec)
    except TrogdorError:
        pass


class Task:
    """A task of a coordinator. `done`, `running` and `wait_for_done` have the names that Kafka's own
    tests use."""

    def __init__(self, coordinator: CoordinatorClient, task_id: str):
        self.coordinator = coordinator
        self.task_id = task_id

    @property
    def id(self) -> str:
        return self.task_id

    def describe(self) -> Dict[str, Any]:
        """All that the coordinator knows of it: spec, state, status, error, times."""
        return self.coordinator.call("GET", "/coordinator/tasks/" + quote(self.task_id, safe=""))

    def state(self) -> str:
        """PENDING, RUNNING, STOPPING or DONE; raises TaskFailed when it has an error."""
        return self._checked(self.describe())["state"]

    def status(self) -> Any:
        return self.describe().get("status")

    def running(self) -> bool:
        return self.state() == "RUNNING"

    def done(self) -> bool:
        return self.state() == "DONE"

    def stop(self) -> None:
        """A task that is done stays as it is."""
        self.coordinator.stop_task(self.task_id)

    def destroy(self) -> None:
        """Stops it and forgets it with its result."""
        self.coordinator.call("DELETE", "/coordinator/tasks?taskId=" + quote(self.task_id, safe=""))

    def wait_running(self, timeout_sec: float = 60) -> None:
        """Until all its workers run: a fault is then in force. One that is over had its time."""
        self._wait(_has_started, timeout_sec, "running on all its nodes")

    def wait(self, timeout_sec: float = 360) -> Any:
        """Until it is DONE; returns its status."""
        return self._wait(_is_done, timeout_sec, "done").get("status")

    def wait_for_done(self, timeout_sec: float = 360) -> Any:
        return self.wait(timeout_sec)

    def _checked(self, found: Dict[str, Any]) -> Dict[str, Any]:
        if found.get("error"):
            raise TaskFailed("task %s failed: %s" % (self.task_id, found["error"]), found)
        return found

    def _wait(self, condition: Callable[[Mapping[str, Any]], bool], timeout_sec: float,
              wanted: str) -> Dict[str, Any]:
        begin = time.monotonic()
        answered = begin
        found: Dict[str, Any] = {}
        last_error = ""
        while True:
            try:
                found = self.describe()
                answered = time.monotonic()
                last_error = ""
            except TrogdorError as error:
                if error.status is not None:
                    raise
                last_error = "; the last try: %s" % error
            if condition(self._checked(found)):
                return found
            if time.monotonic() - begin > timeout_sec:
                age_sec = time.monotonic() - answered
                raise TaskFailed(
                    "task %s is %s and not %s after %g s (known %.1f s ago)%s; its status: %s" % (
                        self.task_id, found.get("state", "unknown"), wanted, timeout_sec, age_sec,
                        last_error, json.dumps(found.get("status"))[:1000]), found, age_sec)
            time.sleep(0.1)


def _is_done(task: Mapping[str, Any]) -> bool:
    return task.get("state") == "DONE"


def _has_started(task: Mapping[str, Any]) -> bool:
    """A task is RUNNING as soon as its workers are sent for; each has this status until it runs."""
    if task.get("state") in ("STOPPING", "DONE"):
        return True
    status = task.get("status")
    workers = list(status.values()) if isinstance(status, Mapping) else [status]
    return task.get("state") == "RUNNING" and "receiving" not in workers


def _queries(task_ids: Iterable[str]) -> Iterator[str]:
    part = ""
    for task_id in task_ids:
        one = "taskId=" + quote(task_id, safe="")
        if part and len(part) + len(one) > QUERY_LENGTH_MAX:
            yield part
            part = ""
        part = part + "&" + one if part else one
    if part:
        yield part


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return "%d %s" % (answer.status_code, answer.text[:200])
