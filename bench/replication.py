"""`python -m bench.replication`: what a failover can lose, and what it would cost to wait for the replica.

Two servers and three Sentinels. Cost: one commit of the store as it is, and followed by WAIT on the same connection.
Loss: writers commit as fast as they can, the primary is killed, and what was acknowledged is looked for on the new one.
The figures stand in docs/downtime.md.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from redis import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.store import RedisStore, Retention, Unavailable
from tests.ports import free_port
from tests.stories.people import until
from tests.stories.sentinel import Group, group

COMMITS, ROUNDS = 1500, 4
VAULT = Vault([Fernet.generate_key().decode()], "lookup")


def client(port: int) -> Redis:
    """One connection and no second, for WAIT waits for the writes of its own."""
    return Redis(
        connection_pool=BlockingConnectionPool.from_url(
            f"redis://127.0.0.1:{port}", max_connections=1, socket_timeout=1
        )
    )


def store_on(redis: Redis) -> RedisStore:
    return RedisStore(redis, VAULT, Outbox(redis), Retention())


def commit(store: RedisStore, name: str) -> None:
    store.transact(lambda tx: tx.remember_reply(name, "x" * 400))


def cost(servers: Group, after: Callable[[Redis], object]) -> tuple[float, float]:
    """Median and 99th percentile of one commit, in milliseconds."""
    with client(servers.primary()) as redis:
        store, took = store_on(redis), []
        for number in range(COMMITS):
            began = time.perf_counter()
            commit(store, f"cost{number}")
            after(redis)
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=100)[98]


def loss(servers: Group, writers: int, *, wait: bool) -> tuple[int, int]:
    """How many commits were acknowledged before the primary was killed, and how many of them the new one lacks."""
    moved: list[int] = []
    acknowledged = under_load(servers.primary(), writers, lambda: moved.extend(servers.fail_over()), wait=wait)
    old, new = moved
    lost = lacking(new, acknowledged)
    servers.come_back(old)
    return len(acknowledged), lost


def under_load(port: int, writers: int, strike: Callable[[], None], *, wait: bool = False) -> list[str]:
    """What this server acknowledged to so many writers until it was struck."""
    acknowledged: list[str] = []
    stop = threading.Event()

    def write(who: int) -> None:
        with client(port) as redis:
            store = store_on(redis)
            while not stop.is_set():
                name = f"{time.time_ns()}-{who}"
                try:
                    commit(store, name)
                    if wait and redis.wait(1, 200) < 1:
                        return
                except (Unavailable, RedisError):
                    return
                acknowledged.append(name)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(writers)]
    for thread in threads:
        thread.start()
    until("commits", lambda: len(acknowledged) > 800, 60)
    strike()
    stop.set()
    for thread in threads:
        thread.join()
    return acknowledged


def lacking(port: int, acknowledged: list[str]) -> int:
    with client(port) as redis:
        return len(acknowledged) - sum(int(redis.exists(f"reply:{name}")) for name in acknowledged)


def after_a_kill(folder: Path, writers: int) -> tuple[int, int]:
    """How many commits a lone server acknowledged before it was killed, and how many it lacks when it is back."""
    alone = Group(folder, (free_port(), 0), (0, 0, 0))
    alone.start_server(alone.servers[0], of=None)
    try:
        acknowledged = under_load(alone.servers[0], writers, lambda: kill(alone))
        alone.start_server(alone.servers[0], of=None)
        return len(acknowledged), lacking(alone.servers[0], acknowledged)
    finally:
        alone.stop()


def kill(alone: Group) -> None:
    alone.running[alone.servers[0]].kill()
    alone.running[alone.servers[0]].wait()


def main() -> None:
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            print("a lone server killed under 8 writers: (acknowledged, lost)", after_a_kill(Path(folder), 8), number)
    with tempfile.TemporaryDirectory() as folder, group(Path(folder)) as servers:
        for name, after in (("as it is", lambda _: None), ("with WAIT 1", lambda redis: redis.wait(1, 200))):
            print(f"one commit {name}: median {{:.2f}} ms, 99 of 100 within {{:.2f}} ms".format(*cost(servers, after)))
        for writers in (1, 8):
            for wait in (False, True):
                found = [loss(servers, writers, wait=wait) for _ in range(ROUNDS)]
                print(f"{writers} writers, WAIT {wait}: (acknowledged, lost) {found}")


if __name__ == "__main__":
    main()
