"""The parts of a line as processes of their own, started, stopped and killed one by one, as on a platform."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests
from redis import Redis

from config import demo
from emulator.server import Emulator
from emulator.settings import NumberSettings, Pace
from emulator.settings import Settings as EmulatorSettings
from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store import RedisStore, Retention
from tests.ports import free_port
from tests.stories.people import HELPLINE, ROOT, Phone, until

COMMANDS = MappingProxyType(
    {
        "web": ("helpline", "web"),
        "worker urgent": ("workers", "urgent"),
        "worker default": ("workers", "default"),
        "clock": ("workers.clock",),
    }
)


@dataclass
class Parts:
    """A line in parts; nothing runs until it is started."""

    url: str
    env: dict[str, str]
    emulator: Emulator
    log: Path
    redis: EmbeddedRedis
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return f"{self.emulator.url}/emulator/api"

    def start(self, *names: str) -> None:
        """Start these parts, or all. `clock@b` is a second clock; one with a port in `ports` listens there."""
        for name in names or COMMANDS:
            env = {**self.env, "PORT": str(self.ports.get(name, self.env["PORT"]))}
            command = COMMANDS[name.partition("@")[0]]
            with self.log.open("ab") as out:
                self.running[name] = subprocess.Popen(
                    [sys.executable, "-m", *command], cwd=ROOT, env=env, stdout=out, stderr=out
                )

    def stop(self, *names: str, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop these parts, or all that run."""
        ending = [(name, self.running.pop(name)) for name in names or tuple(self.running)]
        for _, process in ending:
            process.send_signal(by)
        for name, process in ending:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise AssertionError(f"{name} did not stop") from None

    def phone(self, number: str) -> Phone:
        requests.post(f"{self.api}/phones", json={"number": number}, timeout=5).raise_for_status()
        return Phone(self.api, number).from_now()

    def control(self, at: str, *, method: str = "POST", **data: Any) -> Any:
        answer = requests.request(method, f"{self.api}/{at}", json=data, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def answers(self, port: int = 0) -> bool:
        """Whether the web server is there: the line's own, or the one at a port."""
        try:
            return requests.get(f"http://127.0.0.1:{port}/healthz" if port else f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def errors(self) -> list[dict[str, Any]]:
        """What real Twilio would have complained of."""
        return requests.get(f"{self.api}/journal?level=error", timeout=5).json()["records"]

    def faults(self) -> list[str]:
        return requests.get(f"{self.url}/readyz", timeout=5).json()["faults"]

    def up(self) -> None:
        until("the web server answering", self.answers, 150)

    @contextmanager
    def store(self) -> Iterator[RedisStore]:
        """The line's memory, to look into."""
        redis = Redis.from_url(self.env["REDIS_URL"])
        try:
            vault = Vault(self.env["HELPLINE_SECRET_KEYS"].split(","), self.env["HELPLINE_LOOKUP_KEY"])
            yield RedisStore(redis, vault, Outbox(redis), Retention())
        finally:
            redis.close()

    def helpline(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the line."""
        return subprocess.run(
            [sys.executable, "-m", "helpline", *words],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip


@contextmanager
def parts(
    var: Path, content: Path, more: Mapping[str, str] = MappingProxyType({}), *, began: timedelta = timedelta(0)
) -> Iterator[Parts]:
    """An emulator and, unless an address is given, a Redis; the line's own parts are started by the test.

    `began` ago is where the emulator's clock stands; it does not go on until its speed is set.
    """
    port = free_port()
    own = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    given = {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "VAR_DIR": str(var),
        "CONTENT_DIR": str(content),
    }
    env = demo.completed({**own, **given, **more})
    hook = f"{env['PUBLIC_URL']}/twilio"
    number = NumberSettings(
        HELPLINE,
        sms_url=f"{hook}/sms",
        sms_fallback_url=f"{hook}/sms/fallback",
        voice_url=f"{hook}/voice",
        voice_fallback_url=f"{hook}/voice/fallback",
        status_callback=f"{hook}/voice/status",
    )
    settings = EmulatorSettings(
        port=0,
        account_sid=env["TWILIO_ACCOUNT_SID"],
        auth_token=env["TWILIO_AUTH_TOKEN"],
        numbers=(number,),
        pace=Pace(word_s=0.01, calls_per_second=20),
        speed=0 if began else 1,
        start=datetime.now(UTC) - began if began else None,
    )
    with Emulator(settings) as emulator:
        env["TWILIO_API_URL"] = emulator.url
        with EmbeddedRedis(var) as redis:
            env.setdefault("REDIS_URL", redis.address)
            line = Parts(env["PUBLIC_URL"], env, emulator, var / "line.log", redis)
            try:
                yield line
            finally:
                line.stop()
