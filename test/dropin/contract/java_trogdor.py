"""A service for ducktape that drives a Trogdor as harnesses of the Java one do: it knows daemons by
lines in their logs and by jcmd, measures a log only after it has started the daemon, stops by a bare
SIGTERM, and talks to the coordinator alone. It is strict where such harnesses are: whatever they
need and a Trogdor lacks fails here too.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from ducktape.services.service import Service
from ducktape.utils.util import wait_until

ROOT = "/mnt/trogdor"
INSTALLATION = "/opt/kafka-dev"
PORTS = {"agent": 8888, "coordinator": 8889}
MAIN_CLASSES = {
    "agent": "org.apache.kafka.trogdor.agent.Agent",
    "coordinator": "org.apache.kafka.trogdor.coordinator.Coordinator",
}

LOG4J = "log4j.rootLogger=DEBUG, out\nlog4j.appender.out=org.apache.log4j.FileAppender\n" \
    "log4j.appender.out.File={log}\n"
LOG4J2 = "Configuration:\n  Appenders:\n    File:\n      name: out\n      fileName: {log}\n"


class Flavour:
    """What differs between the generations: the logging file and where the start line is awaited."""

    def __init__(self, suffix, text, option, watches_output):
        self.suffix = suffix
        self.text = text
        self.option = option
        self.watches_output = watches_output


FLAVOURS = {
    "3.9": Flavour("log4j.properties", LOG4J, "log4j.configuration", False),
    "4.x": Flavour("log4j2.yaml", LOG4J2, "log4j2.configurationFile", True),
}


class JavaTrogdorService(Service):
    """One node of its own for the coordinator; agents on nodes of others."""

    def __init__(self, context, agent_nodes, flavour="3.9", log_folder=ROOT):
        super().__init__(context, num_nodes=1)
        self.coordinator_node = self.nodes[0]
        self.agent_nodes = list(agent_nodes)
        self.nodes = [self.coordinator_node, *self.agent_nodes]
        self.flavour = FLAVOURS[flavour]
        self.log_folder = log_folder

    @property
    def logs(self):
        return {name: {"path": "%s/trogdor-%s" % (ROOT, name), "collect_default": True}
                for role in PORTS for name in (role + ".log", role + "-stdout-stderr.log")}

    def role(self, node):
        return "coordinator" if node is self.coordinator_node else "agent"

    def log_path(self, node):
        return "%s/trogdor-%s.log" % (self.log_folder, self.role(node))

    def output_path(self, node):
        return "%s/trogdor-%s-stdout-stderr.log" % (ROOT, self.role(node))

    def configuration(self):
        nodes = {}
        for node in self.nodes:
            role = self.role(node)
            nodes[node.name] = {"hostname": node.account.hostname,
                                "trogdor.%s.port" % role: PORTS[role]}
        return json.dumps({"platform": "org.apache.kafka.trogdor.basic.BasicPlatform",
                           "nodes": nodes})

    def prepare(self, node):
        role = self.role(node)
        node.account.ssh("mkdir -p -m 755 %s" % ROOT)
        node.account.create_file("%s/trogdor.conf" % ROOT, self.configuration())
        node.account.create_file("%s/trogdor-%s-%s" % (ROOT, role, self.flavour.suffix),
                                 self.flavour.text.format(log=self.log_path(node)))

    def launch_command(self, node):
        role = self.role(node)
        logging = "%s/trogdor-%s-%s" % (ROOT, role, self.flavour.suffix)
        return ("export KAFKA_LOG4J_OPTS='-D%s=file:%s'; "
                "%s/bin/trogdor.sh %s --%s.config %s/trogdor.conf --node-name %s 1>> %s 2>> %s &"
                % (self.flavour.option, logging, INSTALLATION, role, role, ROOT, node.name,
                   self.output_path(node), self.output_path(node)))

    def start_node(self, node):
        self.prepare(node)
        watched = self.output_path(node) if self.flavour.watches_output else self.log_path(node)
        node.account.ssh(self.launch_command(node))
        # The wrong way round, as it is done: what was written before this is never looked at.
        with node.account.monitor_log(watched) as monitor:
            monitor.wait_until("Starting %s process." % self.role(node), timeout_sec=60,
                               backoff_sec=0.1,
                               err_msg="%s on %s didn't finish startup"
                               % (self.role(node), node.name))

    def pids(self, node):
        command = "jcmd | awk '/%s/ { print $1 }'" % MAIN_CLASSES[self.role(node)]
        return [int(line) for line in node.account.ssh_capture(command, allow_fail=True)]

    def stop_node(self, node):
        for pid in self.pids(node):
            node.account.ssh("kill -15 %d" % pid, allow_fail=False)

    def refuses(self, node, role):
        """Whether nothing listens on the port of that role there."""
        command = "nc -w 3 -z localhost %d" % PORTS[role]
        return node.account.ssh(command, allow_fail=True) != 0

    def wait_node(self, node, timeout_sec=None):
        return len(self.pids(node)) == 0

    def clean_node(self, node):
        self.stop_node(node)
        node.account.ssh("rm -rf -- %s" % ROOT, allow_fail=False)

    def free(self):
        """Agent nodes belong to others."""
        self.nodes = [self.coordinator_node]
        super().free()

    # The coordinator's calls.

    def url(self, path):
        return "http://%s:%d/coordinator/%s" % (
            self.coordinator_node.account.externally_routable_ip, PORTS["coordinator"], path)

    def call(self, method, path, body):
        url = self.url(path)
        session = requests.Session()
        session.trust_env = False
        retries = requests.packages.urllib3.util.retry.Retry(total=5, backoff_factor=0.3)
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
        answer = session.request(method, url, data=json.dumps(body), timeout=5,
                                 headers={"Content-type": "application/json"})
        if answer.status_code // 100 != 2:
            raise RuntimeError("%d: %s" % (answer.status_code, answer.json()["message"]))
        return answer.json()

    def tasks(self):
        return self.call("GET", "tasks", {}).get("tasks", {})

    def create_task(self, task_id, spec):
        self.call("POST", "task/create", {"id": task_id, "spec": spec})
        return Task(self, task_id)

    def stop_task(self, task_id):
        self.call("PUT", "task/stop", {"id": task_id})


class Task:
    def __init__(self, trogdor, task_id):
        self.trogdor = trogdor
        self.task_id = task_id

    def status(self):
        return self.trogdor.tasks()[self.task_id]

    def state(self):
        status = self.status()
        if status.get("error"):
            raise RuntimeError("task %s failed: %s" % (self.task_id, status["error"]))
        return status["state"]

    def wait_for(self, state, timeout_sec=30):
        wait_until(lambda: self.state() == state, timeout_sec, backoff_sec=0.1,
                   err_msg="task %s is not %s" % (self.task_id, state))

    def stop(self):
        if self.status()["state"] != "DONE":
            self.trogdor.stop_task(self.task_id)

    def stop_and_wait(self, timeout_sec=30):
        self.stop()
        self.wait_for("DONE", timeout_sec)


def seconds_until(condition, timeout_sec, what):
    begin = time.time()
    wait_until(condition, timeout_sec, backoff_sec=0.02, err_msg=what)
    return time.time() - begin


def reached_from(source, targets):
    """Those of the nodes whose sshd can be reached from another node, tried all at once."""
    tries = ["(nc -w 3 -z %s 22 && echo %s) &"
             % (target.account.externally_routable_ip, target.name) for target in targets]
    lines = source.account.ssh_capture("%s wait" % " ".join(tries), allow_fail=True)
    return {line.strip() for line in lines}


def open_pairs(nodes):
    """Which node reaches which."""
    with ThreadPoolExecutor(len(nodes)) as pool:
        found = pool.map(lambda source: (source.name, reached_from(source, nodes)), nodes)
        return {(source, target) for source, targets in found for target in targets}
