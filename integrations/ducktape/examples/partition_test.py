"""A test to copy: a store on three nodes, cut off its first node, must go on answering the others.

    ducktape --cluster ducktape.cluster.json.JsonCluster --cluster-file cluster.json \\
        --globals '{"trogdor": "path/to/trogdor"}' partition_test.py
"""

from ducktape.mark.resource import cluster
from ducktape.services.service import Service
from ducktape.tests.test import Test
from ducktape.utils.util import wait_until
from trogdor_ducktape import TrogdorService


class Store(Service):
    """Stands in for what you test: a web server with one file on each node."""

    PORT = 8080
    ROOT = "/tmp/store"

    def start_node(self, node, **kwargs):
        node.account.ssh("mkdir -p %s && echo %s > %s/name" % (self.ROOT, node.name, self.ROOT))
        node.account.ssh("cd %s && { setsid /usr/bin/perl -MIO::Socket::INET -e '%s' "
                         "< /dev/null > out 2>&1 & echo $! > pid; }" % (self.ROOT, SERVER))
        wait_until(lambda: self.answers(node, node), 10, 0.1, "no answer from " + node.name)

    def stop_node(self, node, **kwargs):
        node.account.ssh("kill $(cat %s/pid) 2> /dev/null" % self.ROOT, allow_fail=True)

    def clean_node(self, node, **kwargs):
        node.account.ssh("rm -rf " + self.ROOT)

    def answers(self, source, target):
        """Whether a client on one node gets an answer from another one."""
        command = "curl -s --max-time 3 http://%s:%d/" % (target.account.hostname, self.PORT)
        return source.account.ssh(command, allow_fail=True) == 0


SERVER = """$s = IO::Socket::INET->new(LocalPort => 8080, Listen => 9, ReuseAddr => 1) or die;
while ($c = $s->accept) { sysread $c, $b, 999; print $c "HTTP/1.0 200 OK\\r\\n\\r\\nok\\n"; close $c }
""".replace("\n", " ")


class PartitionTest(Test):
    @cluster(num_nodes=4)
    def test_survives_partition(self):
        store = Store(self.test_context, num_nodes=3)
        trogdor = TrogdorService(self.test_context, client_services=[store],
                                 binary=self.test_context.globals["trogdor"])
        trogdor.start()
        store.start()
        first, second, third = store.nodes
        with trogdor.partition([first], [second, third]):
            assert not store.answers(first, second)
            assert store.answers(second, third)
        assert store.answers(first, second)
        return trogdor.results()
