"""Trogdor for tests that run with ducktape: faults and loads on the nodes of a test."""

from . import specs
from .checks import SpecError
from .client import CoordinatorClient, Task, TaskFailed, TrogdorError

__all__ = [
    "CoordinatorClient",
    "KiboshService",
    "SpecError",
    "Task",
    "TaskFailed",
    "TrogdorError",
    "TrogdorService",
    "kafkatest_patch",
    "specs",
]


def __getattr__(name):
    """What needs ducktape is loaded when it is asked for: the client works without."""
    if name == "TrogdorService":
        from .service import TrogdorService
        return TrogdorService
    if name == "KiboshService":
        from .kibosh import KiboshService
        return KiboshService
    if name == "kafkatest_patch":
        from .kafkatest import kafkatest_patch
        return kafkatest_patch
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
