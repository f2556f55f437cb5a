"""What is kept of tasks has their latency histograms, which a plain listing leaves out."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from trogdor_ducktape import CoordinatorClient, TrogdorService


class Coordinator(CoordinatorClient):
    """Histograms for tasks that are named, as from a real one."""

    def __init__(self, *task_ids):
        super().__init__("http://localhost:1")
        self.task_ids = task_ids
        self.paths = []

    def call(self, method, path, body=None):
        self.paths.append(path)
        named = parse_qs(urlsplit(path).query).get("taskId", [])
        status = {"totalSent": 1, **({"histograms": {"corrected": "HISTF"}} if named else {})}
        return {"tasks": {each: {"state": "DONE", "status": status}
                          for each in named or self.task_ids}}


def test_results_have_histograms():
    service = SimpleNamespace(coordinator=Coordinator("a b&c", "ü"), _results={})
    results = TrogdorService.results(service)
    assert sorted(results) == ["a b&c", "ü"]
    for result in results.values():
        assert result["status"]["histograms"] == {"corrected": "HISTF"}


def test_many_tasks_are_named_in_several_requests():
    task_ids = ["%s-%d" % ("x" * 100, number) for number in range(500)]
    coordinator = Coordinator(*task_ids)
    assert sorted(coordinator.whole_tasks()) == sorted(task_ids)
    assert len(coordinator.paths) > 2 and max(map(len, coordinator.paths)) < 4200


def test_no_task_is_no_request_for_all_of_them():
    coordinator = Coordinator()
    assert coordinator.whole_tasks() == {} and coordinator.paths == ["/coordinator/tasks"]
