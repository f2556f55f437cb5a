"""The functions that make specs, and the Python that they are written in."""

import ast
import inspect
import pathlib

import pytest
import trogdor_ducktape
from trogdor_ducktape import SpecError, specs

FOLDER = pathlib.Path(trogdor_ducktape.__file__).parent


def test_a_spec_is_a_plain_dictionary():
    assert specs.network_partition([("a",), {"c", "b"}], duration_ms=5) == {
        "class": "org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec",
        "startMs": 0, "durationMs": 5, "partitions": [["a"], ["b", "c"]]}


def test_every_task_type_has_a_function():
    for name in specs.__all__[1:]:
        parameters = inspect.signature(getattr(specs, name)).parameters
        assert parameters["duration_ms"].default is inspect.Parameter.empty
        assert getattr(specs, name)(duration_ms=1)["class"]


@pytest.mark.parametrize("arguments, text", [
    (dict(duration_ms="5"), "duration_ms is '5' (str); expected a whole number of 64 bits"),
    (dict(duration_ms=True), "duration_ms is True (bool)"),
    (dict(duration_ms=1, max_messages=1 << 63), "max_messages is 9223372036854775808"),
    (dict(duration_ms=1, bootstrap_servers=["a:1"]), "bootstrap_servers is ['a:1'] (list)"),
    (dict(duration_ms=1, active_topics=["foo"]), "active_topics is ['foo'] (list); expected a dict"),
    (dict(duration_ms=1, active_topics={"foo": 3}), "active_topics['foo'] is 3 (int)"),
    (dict(duration_ms=1, producer_conf={"acks": None}), "producer_conf['acks'] is None"),
    (dict(duration_ms=1, client_library="java"), "expected one of native, kafkajs"),
    (dict(duration_ms=1, skip_flush="yes"), "skip_flush is 'yes' (str); expected True or False"),
])
def test_a_wrong_value_is_named(arguments, text):
    with pytest.raises(SpecError) as caught:
        specs.produce_bench("node0", **arguments)
    assert "produce_bench(): " in str(caught.value) and text in str(caught.value)


def test_all_wrong_values_are_named_at_once():
    with pytest.raises(SpecError, match="duration_ms .*; partitions"):
        specs.network_partition("ab", duration_ms=1.5)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_the_code_is_python_3_9(path):
    ast.parse(path.read_text(), feature_version=(3, 9))
