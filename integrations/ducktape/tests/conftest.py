"""Real daemons on loopback for tests of the client. TROGDOR_BINARY names the executable."""

import json
import os
import socket
import subprocess
import time

import pytest
from trogdor_ducktape import CoordinatorClient

BINARY = os.environ.get("TROGDOR_BINARY", os.path.join(
    os.path.dirname(__file__), "../../../dist/trogdor"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def coordinator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trogdor")
    ports = {"agent": free_port(), "coordinator": free_port()}
    settings = {"trogdor.%s.port" % role: port for role, port in ports.items()}
    conf = {"platform": "org.apache.kafka.trogdor.basic.BasicPlatform",
            "nodes": {"node0": {"hostname": "localhost", **settings}}}
    (folder / "trogdor.conf").write_text(json.dumps(conf))
    started = []
    try:
        for role in ports:
            command = [BINARY, role, "-c", str(folder / "trogdor.conf"), "-n", "node0",
                       "--state-dir", str(folder / role)]
            with open(str(folder / (role + ".out")), "w") as out:
                started.append(subprocess.Popen(command, stdout=out, stderr=out))
        yield CoordinatorClient("http://localhost:%d" % ports["coordinator"])
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=20)


@pytest.fixture()
def task_id():
    return "task-%d" % time.time_ns()
