"""Several Redis servers that stand in for each other, for tests: a master with sentinels, and a cluster."""

import contextlib
import time

from .ports import free_port
from .redis import KEEPING, RedisServer

NOTICED = 1000  # ms after which a server that does not answer counts as dead
SLOTS = 16384  # of a cluster
MASTER = "mymaster"


class SentinelGroup:
    """One master, replicas of it, and three sentinels."""

    def __init__(self, replicas=1):
        self._stack = contextlib.ExitStack()
        self.masters = [self._start(**KEEPING)]
        (master,) = self.masters
        options = {**KEEPING, "repl_diskless_sync_delay": 0, "replicaof": f"127.0.0.1 {master.port}"}
        self._replicas = [self._start(**options) for _ in range(replicas)]
        self._sentinels = [self._start("--sentinel", protected_mode="no") for _ in range(3)]
        for sentinel in self._sentinels:
            with sentinel.client() as client:
                client.sentinel_monitor(MASTER, "127.0.0.1", master.port, 2)
                client.sentinel_set(MASTER, "down-after-milliseconds", NOTICED)
                client.sentinel_set(MASTER, "failover-timeout", 3 * NOTICED)
        for sentinel in self._sentinels:
            with sentinel.client() as client:
                wait_until(lambda: self._is_seen(client.sentinel_master(MASTER)))
        for replica in self._replicas:
            wait_until_replicates(replica)

    def _start(self, *arguments, **options):
        return self._stack.enter_context(RedisServer(*arguments, **options))

    def _is_seen(self, state):
        return state["num-slaves"] == len(self._replicas) and state["num-other-sentinels"] == len(self._sentinels) - 1

    @property
    def url(self):
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self._sentinels)
        return f"redis+sentinel://{hosts}/{MASTER}"

    def replicas_of(self, master):
        return self._replicas

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stack.close()


class ClusterGroup:
    """Masters that share the slots evenly, each with replicas."""

    def __init__(self, masters=3, replicas=1):
        self._stack = contextlib.ExitStack()
        count = masters * (1 + replicas)
        self._buses = []
        self.servers = [self._start() for _ in range(count)]
        self.masters = self.servers[:masters]
        clients = [self._stack.enter_context(server.client()) for server in self.servers]
        names = [client.execute_command("CLUSTER MYID") for client in clients]
        for number, client in enumerate(clients[:masters]):
            first, after = SLOTS * number // masters, SLOTS * (number + 1) // masters
            client.execute_command("CLUSTER ADDSLOTSRANGE", first, after - 1)
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for server, bus in zip(self.servers[1:], self._buses[1:], strict=True):
            clients[0].execute_command("CLUSTER MEET", "127.0.0.1", server.port, bus)
        for client in clients:
            wait_until(lambda: known_nodes(client) == count)  # noqa: B023
        for number, client in enumerate(clients[masters:]):
            wait_until(lambda: follows(client, names[number % masters]))  # noqa: B023
        for replica in self.servers[masters:]:
            wait_until_replicates(replica)
        for client in clients:
            wait_until(lambda: state(client)["cluster_state"] == "ok")  # noqa: B023

    def _start(self):
        self._buses.append(free_port())
        server = RedisServer(
            **KEEPING,
            cluster_enabled="yes",
            cluster_port=self._buses[-1],
            cluster_node_timeout=NOTICED,
            cluster_replica_validity_factor=0,
            repl_diskless_sync_delay=0,
        )
        return self._stack.enter_context(server)

    @property
    def url(self):
        return "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self.masters)

    def replicas_of(self, master):
        number = self.masters.index(master)
        return self.servers[len(self.masters) + number :: len(self.masters)]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stack.close()


@contextlib.contextmanager
def cut_off(group, master):
    """Its replicas get nothing of it meanwhile."""
    with contextlib.ExitStack() as stack:
        for replica in group.replicas_of(master):
            stack.enter_context(replica.paused())
        with master.client() as client:
            client.client_kill_filter(_type="replica")
        yield


def wait_until(is_so):
    while not is_so():
        time.sleep(0.02)


def state(client):
    lines = client.execute_command("CLUSTER INFO")
    return lines if isinstance(lines, dict) else dict(line.split(":") for line in lines.decode().split())


def known_nodes(client):
    return int(state(client)["cluster_known_nodes"])


def follows(client, master):
    """Whether a node has become a replica: it has to know the master first."""
    try:
        return client.execute_command("CLUSTER REPLICATE", master)
    except Exception as error:
        assert "Unknown node" in str(error) or "only replicate a master" in str(error), error
        return False


def wait_until_replicates(server):
    with server.client() as client:
        wait_until(lambda: client.info("replication").get("master_link_status") == "up")
