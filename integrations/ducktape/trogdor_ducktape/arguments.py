"""Checks what the services are made with: a wrong type is told with the argument's name and not by
what fails later on some node."""

import os
from typing import Any, Callable, Mapping, Tuple

Check = Tuple[Callable[[Any], bool], str]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_list_with(attribute: str) -> Callable[[Any], bool]:
    return lambda value: (isinstance(value, (list, tuple, set, frozenset)) and
                          all(hasattr(each, attribute) for each in value))


TEXT: Check = (lambda value: isinstance(value, str), "text (str)")
PATH: Check = (lambda value: isinstance(value, (str, os.PathLike)), "a path (str)")
ROOT: Check = (lambda value: isinstance(value, str) and value.startswith("/") and value != "/",
               "an absolute path on the nodes (str), not /")
PORT: Check = (lambda value: isinstance(value, int) and not isinstance(value, bool)
               and 0 < value < 65536, "a port, 1 to 65535 (int)")
SECONDS: Check = (lambda value: _is_number(value) and value > 0, "seconds above 0 (a number)")
ENV: Check = (lambda value: isinstance(value, Mapping) and
              all(isinstance(each, str) for pair in value.items() for each in pair),
              "a dictionary of text to text")
FUNCTION: Check = (callable, "a function of node and role")
NODES: Check = (_is_list_with("account"), "a list of nodes of ducktape")
SERVICES: Check = (_is_list_with("nodes"), "a list of services of ducktape")
_MAY_BE_NONE = frozenset([TEXT, PATH, ENV, FUNCTION, NODES, SERVICES])


def check_types(service: str, **arguments: Tuple[Any, Check]) -> None:
    """All that are wrong are told at once."""
    problems = []
    for name, (value, check) in arguments.items():
        is_right, expected = check
        if not (value is None and check in _MAY_BE_NONE) and not is_right(value):
            problems.append("%s is %r (%s); expected %s" % (
                name, value, type(value).__name__, expected))
    if problems:
        raise TypeError(service + "(): " + "; ".join(problems))
