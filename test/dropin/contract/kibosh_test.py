"""The fault file system as harnesses of the C Kibosh start, drive and stop it."""

from ducktape.cluster.cluster_spec import ClusterSpec
from ducktape.mark.resource import cluster
from ducktape.services.service import Service
from ducktape.tests.test import Test
from ducktape.utils.util import wait_until
from java_trogdor import seconds_until

PERSIST = "/mnt/kibosh"
TARGET = "/mnt/target"
MIRROR = "/mnt/mirror"
FAULTS = '{"faults": [{"type": "unreadable", "prefix": "/foo", "code": 12}]}'


class NodeOfOthers(Service):
    def start_node(self, node):
        node.account.ssh("sudo fusermount -u %s 2> /dev/null || true" % MIRROR)
        node.account.ssh("mkdir -p %s %s %s" % (PERSIST, TARGET, MIRROR))
        node.account.ssh(
            "sudo -E /opt/kibosh/build/kibosh --target %s --pidfile %s/pidfile --log %s/kibosh.log "
            "--control-mode 666 --verbose %s &> %s/kibosh-stdout-stderr.log"
            % (TARGET, PERSIST, PERSIST, MIRROR, PERSIST))
        wait_until(lambda: node.account.exists(MIRROR + "/kibosh_control"), 20, 0.1, "no mount")

    def stop_node(self, node):
        pass

    def clean_node(self, node):
        node.account.ssh("sudo fusermount -u %s 2> /dev/null || true" % MIRROR)


class KiboshTest(Test):
    @cluster(cluster_spec=ClusterSpec.simple_linux(1))
    def test_control_file(self):
        """What another user writes is read back byte for byte, and takes effect."""
        service = NodeOfOthers(self.test_context, 1)
        service.start()
        node = service.nodes[0]
        control = MIRROR + "/kibosh_control"
        assert self.read(node, control) == '{"faults":[]}'
        node.account.ssh("sudo sh -c 'echo text > %s/foo; chmod 644 %s/foo'" % (TARGET, TARGET))
        assert self.read(node, MIRROR + "/foo") == "text\n"
        node.account.create_file(control, FAULTS)
        assert self.read(node, control) == FAULTS
        failed = node.account.ssh("cat %s/foo 2> /dev/null" % MIRROR, allow_fail=True)
        assert failed != 0
        node.account.create_file(control, "{}")
        assert self.read(node, control) == "{}"
        assert self.read(node, MIRROR + "/foo") == "text\n"
        pid = self.read(node, PERSIST + "/pidfile").strip()
        node.account.ssh("sudo fusermount -u %s" % MIRROR)
        gone = "test -d /proc/%s" % pid
        seconds = seconds_until(lambda: node.account.ssh(gone, allow_fail=True) != 0, 5, "goes on")
        return {"gone_sec": seconds}

    def read(self, node, path):
        return "".join(node.account.ssh_capture("cat " + path))
