"""The service on real nodes: how it starts, stops, heals, and what it says when it cannot."""

import logging
import logging.handlers
import os
import time

from ducktape.mark.resource import cluster
from ducktape.services.service import Service
from ducktape.tests.test import Test
from trogdor_ducktape import KiboshService, TaskFailed, TrogdorError, TrogdorService, specs


class Nodes(Service):
    def start_node(self, node, **kwargs):
        pass

    def stop_node(self, node, **kwargs):
        pass

    def clean_node(self, node, **kwargs):
        pass


def output(node, command):
    return "".join(node.account.ssh_capture(command, allow_fail=True)).strip()


def rules(node):
    return output(node, "sudo iptables -S | grep -e -j")


def daemons(node):
    return output(node, "ps ax -o args | grep -c '[t]rogdor .*--config'")


class TrogdorServiceTest(Test):
    def setup(self):
        self.others = Nodes(self.test_context, 3)
        self.command = self.test_context.globals["command"]

    def service(self, **options):
        options.setdefault("command", self.command)
        return TrogdorService(self.test_context, client_services=[self.others],
                              agent_nodes=self.others.nodes, **options)

    @cluster(num_nodes=4)
    def test_life(self):
        """Two rounds of start and stop; a task on all nodes; nothing left."""
        trogdor = self.service(token="a-secret")
        seconds = []
        for turn in range(2):
            begin = time.time()
            trogdor.start()
            seconds.append(time.time() - begin)
            assert trogdor.tasks() == {}
            task = trogdor.create_task("one", specs.no_op(duration_ms=1500))
            assert sorted(task.wait(20)) == sorted(map(trogdor.name, self.others.nodes))
            assert not trogdor.wait_node(self.others.nodes[0])
            trogdor.stop()
            assert all(daemons(node) == "0" for node in trogdor.nodes)
        assert trogdor.results()["one"]["state"] == "DONE"
        trogdor.stop()
        return {"start_sec": seconds}

    @cluster(num_nodes=4)
    def test_faults_end(self):
        """A fault ends with its block, with a killed daemon, and a failed one says why."""
        trogdor = self.service(stop_timeout_sec=1)
        trogdor.start()
        n1, n2, n3 = self.others.nodes
        try:
            with trogdor.partition([n1], [n2, n3]):
                assert "DROP" in rules(n1) and "DROP" in rules(n3)
                raise KeyError("mine")
        except KeyError:
            assert rules(n1) == "" and rules(n3) == ""
        try:
            trogdor.create_task("bad", specs.network_partition([["no such"]], duration_ms=9000)).wait()
            raise AssertionError("did not fail")
        except TaskFailed as error:
            assert "Unknown node names: no such" in str(error), error
        spec = specs.network_partition([[n1.name], [n2.name]], duration_ms=600_000)
        task = trogdor.create_task("cut", spec)
        task.wait_running()
        assert task.running() and not task.done()
        try:
            task.wait(0.5)
            raise AssertionError("ended")
        except TaskFailed as error:
            assert error.state == "RUNNING" and "not done after 0.5 s" in str(error), error
        n1.account.ssh("kill -STOP $(cat /mnt/trogdor/agent.pid)")
        warnings = logging.handlers.MemoryHandler(1000, flushLevel=logging.CRITICAL)
        trogdor.logger.addHandler(warnings)
        trogdor.stop()
        trogdor.logger.removeHandler(warnings)
        texts = [each.getMessage() for each in warnings.buffer if each.levelno == logging.WARNING]
        wanted = "the agent on %s did not end within 1 s" % n1.name
        assert any(wanted in text for text in texts), texts
        assert rules(n1) == "" and rules(n2) == ""
        assert daemons(n1) == "0"

    @cluster(num_nodes=4)
    def test_errors(self):
        """Daemons that cannot start: at once, with what they said, naming the node."""
        for options, text in [
            (dict(command="/bin/false"), "ended at its start"),
            (dict(command="/no/such/trogdor"), "/no/such/trogdor"),
            (dict(agent_port=22), "22"),
        ]:
            trogdor = self.service(**options)
            begin = time.time()
            try:
                trogdor.start()
                raise AssertionError("started")
            except TrogdorError as error:
                assert text in str(error) and self.others.nodes[0].name in str(error), error
            assert time.time() - begin < 15
            trogdor.stop()
            assert all(daemons(node) == "0" for node in trogdor.nodes)
            trogdor.free()
        for options in (dict(command=None), dict(binary="/no/such/file", command=None)):
            try:
                self.service(**options)
                raise AssertionError("was made")
            except ValueError:
                pass

    def teardown(self):
        for service in self.test_context.services:
            if isinstance(service, TrogdorService) and service.nodes:
                service.stop()
                service.clean()


class KiboshServiceTest(Test):
    @cluster(num_nodes=1)
    def test_control(self):
        """Faults of the file system end with their block."""
        nodes = Nodes(self.test_context, 1)
        kibosh = KiboshService(self.test_context, nodes.nodes, "/mnt/target", "/mnt/mirror",
                               command=self.test_context.globals["command"])
        kibosh.start()
        node = nodes.nodes[0]
        node.account.ssh("sudo sh -c 'echo text > /mnt/target/file; chmod 644 /mnt/target/file'")
        fault = {"type": "unreadable", "prefix": "/file", "code": 12}
        with kibosh.faults(node, [fault]):
            assert output(node, "cat /mnt/mirror/file 2> /dev/null") == ""
        assert output(node, "cat /mnt/mirror/file") == "text"
        kibosh.stop()
        assert output(node, "ls /mnt/mirror") == ""


class OneMachineTest(Test):
    """Several nodes that are one machine; the executable is copied once."""

    @cluster(num_nodes=3)
    def test_two_rounds(self):
        from trogdor_ducktape.service import Place
        others = Nodes(self.test_context, 2)
        all_nodes = []

        def place(node, role):
            if node not in all_nodes:
                all_nodes.append(node)
            index = all_nodes.index(node)
            return Place("/mnt/node%d" % index, 9000 + 10 * index + (role == "agent"))

        # Copied like the executable, and much faster: it only starts that one.
        binary = os.path.join(others.local_scratch_dir, "trogdor")
        with open(binary, "w") as file:
            file.write('#!/bin/sh\nexec %s "$@"\n' % self.test_context.globals["command"])
        trogdor = TrogdorService(self.test_context, client_services=[others], binary=binary,
                                 place=place, cache="/var/tmp/copies")
        node = others.nodes[0]
        copied = []
        for turn in range(2):
            trogdor.start()
            trogdor.create_task("one", specs.no_op(duration_ms=1500)).wait(20)
            copied.append(output(node, "stat -c %i:%Y /var/tmp/copies/*"))
            trogdor.stop()
            assert output(node, "ss -Hltn 'sport >= 9000 and sport < 9100'") == ""
        assert len(copied[0].split()) == 1 and copied[0] == copied[1], copied
        trogdor.clean()
