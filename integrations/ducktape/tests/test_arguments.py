"""What the services say of arguments of a wrong type, before any node is touched."""

import pathlib

import pytest
from trogdor_ducktape import KiboshService, TrogdorService


class Account:
    account = None


@pytest.mark.parametrize("arguments, text", [
    (dict(agent_port="8888"), "agent_port is '8888' (str); expected a port, 1 to 65535 (int)"),
    (dict(coordinator_port=0), "coordinator_port is 0 (int)"),
    (dict(binary=7), "binary is 7 (int); expected a path (str)"),
    (dict(token=b"x"), "token is b'x' (bytes); expected text (str)"),
    (dict(root="relative"), "root is 'relative' (str); expected an absolute path on the nodes"),
    (dict(root="/"), "root is '/'"),
    (dict(env={"A": 1}), "env is {'A': 1} (dict); expected a dictionary of text to text"),
    (dict(place="/x"), "place is '/x' (str); expected a function of node and role"),
    (dict(agent_nodes="node1"), "agent_nodes is 'node1' (str); expected a list of nodes"),
    (dict(agent_nodes=["node1"]), "agent_nodes is ['node1'] (list)"),
    (dict(client_services=[Account()]), "client_services is [<"),
    (dict(start_timeout_sec="30"), "start_timeout_sec is '30' (str); expected seconds above 0"),
    (dict(stop_timeout_sec=True), "stop_timeout_sec is True (bool)"),
])
def test_a_wrong_argument_is_named(arguments, text):
    with pytest.raises(TypeError) as caught:
        TrogdorService(None, **{"agent_nodes": [Account()], "command": "/x", **arguments})
    assert str(caught.value).startswith("TrogdorService(): ") and text in str(caught.value)


def test_all_wrong_arguments_are_named_at_once():
    with pytest.raises(TypeError, match="command is 1 .*; token is 3 .*; agent_port is 2.5 "):
        TrogdorService(None, agent_nodes=[Account()], command=1, agent_port=2.5, token=3)


def test_a_path_need_not_be_text():
    with pytest.raises(ValueError, match="expected the path of a trogdor executable here"):
        TrogdorService(None, agent_nodes=[Account()], binary=pathlib.Path("/no/such/file"))


def test_kibosh_names_them_too():
    with pytest.raises(TypeError, match=r"KiboshService\(\): target is 'x' .*; mirror is None"):
        KiboshService(None, [Account()], "x", None, command="/x")
