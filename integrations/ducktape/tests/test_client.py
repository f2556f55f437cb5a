"""The client against real daemons."""

import pytest
from trogdor_ducktape import CoordinatorClient, TaskFailed, TrogdorError, specs
from trogdor_ducktape.kafkatest import patch_service


def test_a_task_runs_to_its_end(coordinator, task_id):
    task = coordinator.create_task(task_id, specs.no_op(duration_ms=4000))
    assert task.wait(60) == {"node0": "done"} or task.wait(60) == "done"
    assert task.done() and not task.running()
    assert task_id in coordinator.tasks()
    task.destroy()
    assert task_id not in coordinator.tasks()


def test_specs_of_kafkatest_are_taken(coordinator, task_id):
    class Spec:
        message = specs.no_op(duration_ms=1000)

    coordinator.create_task(task_id, Spec()).wait_for_done(20)


def test_a_wait_ends_with_what_is_known(coordinator, task_id):
    task = coordinator.create_task(task_id, specs.no_op(duration_ms=600_000))
    task.wait_running(20)
    with pytest.raises(TaskFailed, match="is RUNNING and not done after 0.3 s") as caught:
        task.wait(0.3)
    assert caught.value.state == "RUNNING" and caught.value.age_sec < 5
    task.stop()
    task.wait(60)
    task.stop()


def test_a_failed_task_says_why(coordinator, task_id):
    task = coordinator.create_task(task_id, specs.network_partition([["x"], ["y"]], duration_ms=9))
    with pytest.raises(TaskFailed, match="Unknown node names"):
        task.wait(60)


def test_a_block_that_raises_ends_its_fault_first(coordinator, task_id):
    with pytest.raises(KeyError):
        with coordinator.fault(task_id, specs.no_op(duration_ms=600_000)) as task:
            assert task.running()
            raise KeyError("mine")
    assert coordinator.task(task_id).done()


def test_a_refusal_has_the_servers_words(coordinator, task_id):
    coordinator.create_task(task_id, specs.no_op(duration_ms=50))
    with pytest.raises(TrogdorError, match=task_id) as caught:
        coordinator.create_task(task_id, specs.no_op(duration_ms=60))
    assert caught.value.status == 409


@pytest.mark.parametrize("task_id, spec", [("x", 7), ("x", "NoOp"), ("", {}), (3, {})])
def test_wrong_types_are_refused_here(coordinator, task_id, spec):
    with pytest.raises(TypeError, match="expected"):
        coordinator.create_task(task_id, spec)


def test_nobody_there_is_said_in_time():
    with pytest.raises(TrogdorError, match="no answer from http://localhost:9"):
        CoordinatorClient("http://localhost:9", retry_sec=0.5).tasks()


def test_the_patch_puts_our_life_cycle_in():
    class Theirs:
        def start_node(self, node):
            raise AssertionError("theirs")

    patch_service(Theirs, "binary", None)
    assert all(hasattr(Theirs, name) for name in ("stop_node", "clean_node", "wait_node"))
