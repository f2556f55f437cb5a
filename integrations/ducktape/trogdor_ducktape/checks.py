"""Checks the arguments of the functions in specs.py, so that a wrong one is found where it was written
and not on a node. What the shapes mean stands in `problem`.
"""

from typing import Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple

Argument = Tuple[str, str, Any, Any]

_BITS = {"int16": 16, "int32": 32, "int64": 64}


class SpecError(TypeError, ValueError):
    """A spec that cannot be made; says all that is wrong with it."""


def make_spec(function: str, class_name: str, arguments: Iterable[Argument]) -> Dict[str, Any]:
    """The spec as a dictionary, without what is None."""
    spec: Dict[str, Any] = {"class": class_name}
    problems = []
    for field, name, value, shape in arguments:
        if value is None:
            continue
        found = problem(value, shape)
        if found is not None:
            problems.append("%s%s" % (name, found))
        spec[field] = plain(value)
    if problems:
        raise SpecError("%s(): %s" % (function, "; ".join(problems)))
    return spec


def problem(value: Any, shape: Any) -> Optional[str]:
    """What is wrong with the value, beginning with where in it; None when nothing is."""
    if isinstance(shape, tuple):
        kind, inner = shape
        if kind == "one of":
            return None if value in inner else _expected(value, "one of " + ", ".join(inner))
        if kind == "map":
            return _map_problem(value, inner)
        if kind == "list or one" and problem(value, inner) is None:
            return None
        return _list_problem(value, inner)
    return None if _has_shape(value, shape) else _expected(value, _WORDS[shape])


_WORDS = {
    "int16": "a whole number of 16 bits",
    "int32": "a whole number of 32 bits",
    "int64": "a whole number of 64 bits",
    "number": "a number",
    "boolean": "True or False",
    "text": "text (str)",
    "scalar": "text, a number, True or False",
    "object": "a dictionary",
}


def _has_shape(value: Any, shape: str) -> bool:
    if shape in _BITS:
        limit = 1 << (_BITS[shape] - 1)
        return isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit
    if shape == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if shape == "boolean":
        return isinstance(value, bool)
    if shape == "text":
        return isinstance(value, str)
    if shape == "scalar":
        return isinstance(value, (str, int, float, bool))
    return shape != "object" or isinstance(value, Mapping)


def _list_problem(value: Any, inner: Any) -> Optional[str]:
    if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, set, frozenset)):
        return _expected(value, "a list")
    for index, item in enumerate(value):
        found = problem(item, inner)
        if found is not None:
            return "[%d]%s" % (index, found)
    return None


def _map_problem(value: Any, inner: Any) -> Optional[str]:
    if not isinstance(value, Mapping):
        return _expected(value, "a dictionary")
    for key, item in value.items():
        if not isinstance(key, str):
            return _expected(key, "text (str) as the key")
        found = problem(item, inner)
        if found is not None:
            return "[%r]%s" % (key, found)
    return None


def _expected(value: Any, what: str) -> str:
    return " is %s (%s); expected %s" % (_short(repr(value)), type(value).__name__, what)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def plain(value: Any) -> Any:
    """The value in types that JSON has."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
