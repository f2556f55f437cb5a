"""What harnesses of the Java Trogdor do with it, step by step, over SSH (docs/ducktape.md). The tests
run in both flavours of the harness: its generation for Kafka 3.9 and the one for Kafka 4.x.
"""

import json
import os
import subprocess
import time

import requests
from ducktape.cluster.cluster_spec import ClusterSpec
from ducktape.mark import matrix
from ducktape.mark.resource import cluster
from ducktape.services.service import Service
from ducktape.tests.test import Test
from java_trogdor import JavaTrogdorService, open_pairs, seconds_until

NO_OP = "org.apache.kafka.trogdor.task.NoOpTaskSpec"
PARTITION = "org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec"
DEGRADED = "org.apache.kafka.trogdor.fault.DegradedNetworkFaultSpec"
PROCESS_STOP = "org.apache.kafka.trogdor.fault.ProcessStopFaultSpec"
LONG = {"startMs": 0, "durationMs": 10_000_000}
BOTH = ["3.9", "4.x"]


class NodesOfOthers(Service):
    """The nodes under test; nothing runs on them but what a test starts itself."""

    def start_node(self, node):
        pass

    def stop_node(self, node):
        pass

    def clean_node(self, node):
        pass


def no_op(**more):
    return {"class": NO_OP, **LONG, **more}


def partition(*groups):
    return {"class": PARTITION, **LONG,
            "partitions": [[getattr(node, "name", node) for node in group] for group in groups]}


class HarnessTest(Test):
    def setup(self):
        self.others = NodesOfOthers(self.test_context, 3)
        self.others.start()
        self.n1, self.n2, self.n3 = self.others.nodes

    def trogdor(self, flavour="3.9", **options):
        self.service = JavaTrogdorService(self.test_context, self.others.nodes, flavour, **options)
        return self.service

    def assert_nothing_left(self):
        """Ports closed, no rule, the device as it was."""
        for node in self.others.nodes:
            rules = "".join(node.account.ssh_capture("sudo iptables -S"))
            assert "-j" not in rules, rules
            qdisc = "".join(node.account.ssh_capture("sudo tc qdisc show dev eth0"))
            assert "noqueue" in qdisc, qdisc


EVERY_PAIR = 9


class TrogdorTest(HarnessTest):
    """The tests that every generation begins with."""

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    @matrix(flavour=BOTH)
    def test_service(self, flavour):
        """A no-op runs on every agent's node until it is stopped; the coordinator's has none."""
        trogdor = self.trogdor(flavour)
        trogdor.start()
        assert trogdor.tasks() == {}
        # An agent still knows the workers of earlier tests.
        task = trogdor.create_task("noop-%d" % time.time_ns(), no_op())
        task.wait_for("RUNNING")
        for node in self.others.nodes:
            workers = self.agent_status(node).get("workers", {})
            states = [each["state"] for each in workers.values() if each["taskId"] == task.task_id]
            assert states == ["RUNNING"], (node.name, states)
        assert trogdor.refuses(trogdor.coordinator_node, "agent")
        begin = time.time()
        task.stop_and_wait(5)
        status = task.status()
        assert status["cancelled"] is True and "error" not in status, status
        assert status["doneMs"] >= status["startedMs"]
        return {"stop_sec": time.time() - begin}

    def agent_status(self, node):
        command = "curl -s http://localhost:8888/agent/status"
        return json.loads("".join(node.account.ssh_capture(command)))

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    @matrix(flavour=BOTH)
    def test_network_partition(self, flavour):
        """Members of different groups cannot reach each other, everyone else can."""
        trogdor = self.trogdor(flavour)
        trogdor.start()
        n1, n2, n3 = self.n1, self.n2, self.n3
        task = trogdor.create_task("cut", partition([n1], [n2, n3]))
        task.wait_for("RUNNING")
        inside = [(n1, n1), (n2, n2), (n2, n3), (n3, n2), (n3, n3)]
        wanted = {(a.name, b.name) for a, b in inside}
        seconds_until(lambda: open_pairs(self.others.nodes) == wanted, 20, "not cut")
        task.stop_and_wait()
        assert len(open_pairs(self.others.nodes)) == EVERY_PAIR
        again = trogdor.create_task("cut-again", partition([n1], [n2, n3]))
        again.wait_for("RUNNING")
        for node in self.others.nodes:
            trogdor.stop_node(node)
        seconds = seconds_until(lambda: len(open_pairs(self.others.nodes)) == EVERY_PAIR, 5,
                                "not undone")
        self.assert_nothing_left()
        return {"undone_sec": seconds}


class DaemonTest(HarnessTest):
    """Starting, finding, stopping."""

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    @matrix(flavour=BOTH)
    def test_late_look(self, flavour):
        """Who measures the log 1.5 s after the launch still sees the start line behind that."""
        trogdor = self.trogdor(flavour, log_folder="/tmp/elsewhere")
        node = self.n1
        node.account.ssh("rm -rf /tmp/elsewhere; mkdir -p /tmp/elsewhere")
        trogdor.prepare(node)
        begin = time.time()
        node.account.ssh(trogdor.launch_command(node))
        closed_sec = time.time() - begin
        time.sleep(max(0, 1.5 - closed_sec))
        seconds_until(lambda: not trogdor.wait_node(node), 30, "never listed")
        for path in (trogdor.log_path(node), trogdor.output_path(node)):
            size = int("".join(node.account.ssh_capture("wc -c < %s" % path)))
            seconds_until(lambda: self.tail_has(node, path, size), 30, "no line in " + path)
        listed = trogdor.pids(node)
        assert len(listed) == 1, listed
        assert not trogdor.wait_node(node)
        command = "ps -o pid= -C trogdor --sort=start_time | head -1"
        assert listed[0] == int("".join(node.account.ssh_capture(command)))
        matches = "".join(node.account.ssh_capture("ps ax | grep -i 'kafka[.]Kafka' || true"))
        assert matches == "", matches
        trogdor.stop_node(node)
        gone_sec = seconds_until(lambda: trogdor.wait_node(node), 5, "still listed")
        assert trogdor.refuses(node, "agent")
        return {"channel_closed_sec": closed_sec, "gone_sec": gone_sec}

    def tail_has(self, node, path, size):
        command = "tail -c +%d %s | grep -c 'Starting agent process.' || true" % (size + 1, path)
        return int("".join(node.account.ssh_capture(command))) > 0

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    def test_stopped_three_times(self):
        """More SIGTERMs change nothing: faults are undone and the exit code is 143."""
        trogdor = self.trogdor()
        trogdor.start()
        node = self.n1
        trogdor.create_task("cut", partition([self.n1], [self.n2, self.n3])).wait_for("RUNNING")
        has_rule = "sudo iptables -S | grep -q -e -j"
        seconds_until(lambda: node.account.ssh(has_rule, allow_fail=True) == 0, 10, "not cut")
        pid = trogdor.pids(node)[0]
        node.account.ssh("kill -15 %d; kill -15 %d; kill -15 %d" % (pid, pid, pid))
        seconds = seconds_until(lambda: trogdor.wait_node(node), 5, "still listed")
        rules = "".join(node.account.ssh_capture("sudo iptables -S"))
        assert "-j" not in rules, rules
        return {"gone_sec": seconds}

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    def test_log_folder_removed(self):
        """A removed log folder is not made again; the exit code is 143, for two SIGTERMs too."""
        trogdor = self.trogdor()
        node = self.n1
        trogdor.prepare(node)
        command = trogdor.launch_command(node).rstrip("& ")
        node.account.ssh("{ %s; echo $? > /tmp/exit-code; } > /dev/null 2>&1 &" % command)
        seconds_until(lambda: not trogdor.wait_node(node), 20, "never listed")
        node.account.ssh("rm -rf /mnt/trogdor")
        pid = trogdor.pids(node)[0]
        node.account.ssh("kill -15 %d; kill -15 %d" % (pid, pid))
        code = "/tmp/exit-code"
        seconds_until(lambda: node.account.exists(code), 5, "still there")
        assert "".join(node.account.ssh_capture("cat %s; rm %s" % (code, code))).strip() == "143"
        assert not node.account.exists("/mnt/trogdor")

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    def test_restart(self):
        """Stopped and started again without a pause: no task is left, nobody waits long."""
        trogdor = self.trogdor()
        durations = []
        for turn in range(2):
            begin = time.time()
            trogdor.start()
            durations.append(time.time() - begin)
            assert trogdor.tasks() == {}
            trogdor.create_task("same", no_op()).wait_for("RUNNING")
            self.assert_port_is_taken(self.n1)
            trogdor.stop()
        return {"start_sec": durations}

    def assert_port_is_taken(self, node):
        """An agent whose port is taken says so in a sentence, writes no start line and exits 1."""
        command = ("cd /tmp; /opt/kafka-dev/bin/trogdor.sh agent --agent.config "
                   "/mnt/trogdor/trogdor.conf --node-name %s --state-dir /tmp/second; echo exit $?"
                   % node.name)
        output = "".join(node.account.ssh_capture(command, combine_stderr=True))
        assert output.strip().endswith("exit 1"), output
        assert "8888" in output and "Starting agent process" not in output, output


class TaskTest(HarnessTest):
    """Tasks over the coordinator's API."""

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    def test_tasks(self):
        """Repeated, contradicting, unknown and impossible requests."""
        trogdor = self.trogdor()
        trogdor.start()
        trogdor.create_task("a", no_op())
        trogdor.create_task("a", no_op())
        assert list(trogdor.tasks()) == ["a"]
        self.refused("409", "a", lambda: trogdor.create_task("a", no_op(durationMs=5)))
        self.refused("501", "", lambda: trogdor.create_task("b", {"class": "no.such.Spec"}))
        trogdor.stop_task("unknown")
        with requests.Session() as session:
            for turn in range(2):
                answer = session.get(trogdor.url("tasks"), json={}, timeout=5)
                assert list(answer.json()["tasks"]) == ["a"], answer.text
        trogdor.create_task("c", partition([self.n1], ["nosuchnode"]))
        seconds_until(lambda: trogdor.tasks()["c"]["state"] == "DONE", 10, "c goes on")
        error = trogdor.tasks()["c"]["error"]
        assert "Unknown node names: nosuchnode" in error, error
        self.assert_sudo_is_needed(trogdor)

    def refused(self, code, text, request):
        try:
            request()
        except RuntimeError as error:
            assert str(error).startswith(code) and text in str(error), error
        else:
            raise AssertionError("was not refused")

    @cluster(cluster_spec=ClusterSpec.simple_linux(4))
    def test_faults(self):
        """A stopped JVM and a slow network, as an account that needs sudo; both undone."""
        trogdor = self.trogdor()
        trogdor.start()
        node = self.n1
        node.account.ssh("java -XX:TieredStopAtLevel=1 -m java.rmi/sun.rmi.registry.RegistryImpl "
                         "1099 > /tmp/jvm.log 2>&1 & echo $! > /tmp/jvm.pid")
        seconds_until(lambda: self.jvm_listed(node), 20, "the JVM did not start")
        stop = trogdor.create_task("stop", {
            "class": PROCESS_STOP, **LONG, "nodeNames": [node.name],
            "javaProcessName": "sun.rmi.registry.RegistryImpl"})
        slow = trogdor.create_task("slow", {
            "class": DEGRADED, **LONG, "nodeSpecs": {
                each.name: {"networkDevice": "eth0", "latencyMs": 0, "rateLimitKbit": 4000}
                for each in (self.n2, self.n3)}})
        stop.wait_for("RUNNING")
        seconds_until(lambda: self.process_state(node) == "T", 10, "the JVM is not stopped")
        slow.wait_for("RUNNING")
        for each in (self.n2, self.n3):
            seconds_until(lambda: self.is_slow(each), 10, "not slow")
        stop.stop_and_wait()
        slow.stop_and_wait()
        assert self.process_state(node) != "T"
        node.account.ssh("kill -9 $(cat /tmp/jvm.pid)")
        self.assert_nothing_left()

    def jvm_listed(self, node):
        return any("RegistryImpl" in line for line in node.account.ssh_capture("jcmd"))

    def is_slow(self, node):
        return "rate 4" in "".join(node.account.ssh_capture("sudo tc qdisc show dev eth0"))

    def process_state(self, node):
        return "".join(node.account.ssh_capture("ps -o state= -p $(cat /tmp/jvm.pid)")).strip()

    def assert_sudo_is_needed(self, trogdor):
        """Where sudo is refused, a network fault ends with an error that says so."""
        self.n1.account.ssh("sudo mv /etc/sudoers.d/ducker /etc/sudoers.d/.off")
        try:
            trogdor.create_task("cut", partition([self.n1], [self.n2]))
            seconds_until(lambda: trogdor.tasks()["cut"]["state"] == "DONE", 20, "goes on")
            error = trogdor.tasks()["cut"]["error"]
            assert "sudo" in error, error
        finally:
            self.root(self.n1, "mv /etc/sudoers.d/.off /etc/sudoers.d/ducker")

    def root(self, node, command):
        ssh = ["ssh", "-F", os.environ["TEST_SSH_CONFIG"], "-l", "root", node.name, command]
        subprocess.run(ssh, check=True, timeout=20)
