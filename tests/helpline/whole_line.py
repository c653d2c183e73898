"""A whole line in one process, on a real Redis and the emulator over HTTP, with a clock that the test moves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from config import demo
from config.settings import Settings
from emulator.messaging.message import Message
from emulator.server import Emulator
from emulator.settings import NumberSettings, Pace
from emulator.settings import Settings as EmulatorSettings
from helpline import wiring
from helpline.app import create_app
from helpline.outbox import QueueName
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.wiring import Services
from tests.ports import free_port
from workers import jobs
from workers.clock import Clock

HELPLINE, FALLBACK, ANA, BEN = "+17175550100", "+17175550199", "+17175550111", "+17175550112"
SOMEBODY = "+12025550142"


@dataclass
class Hands:
    """Moves the clock of a line."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(repr=False)  # a failing assertion would write out the whole content
class WholeLine:
    """The line's services, its web application, and the world around it."""

    services: Services
    redis: Redis
    clock: Hands
    emulator: Emulator
    env: dict[str, str]
    web: Any

    def post(self, path: str, form: dict[str, str]) -> Any:
        url = f"{self.services.settings.public_url}{path}"
        token = self.services.settings.auth_token.get_secret_value()
        signature = RequestValidator(token).compute_signature(url, form)
        return self.web.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def text(self, body: str, *, sender: str = SOMEBODY, sid: str = "") -> str:
        """A text reaches the web server; gives the TwiML of the answer."""
        form = {"MessageSid": sid or new_sid("SM"), "From": sender, "To": HELPLINE, "Body": body, "NumMedia": "0"}
        return self.post("/twilio/sms", form).get_data(as_text=True)

    def work(self) -> list[str]:
        """Do every job that has been rung for, as the workers would; gives their names."""
        done = []
        for name in QueueName:
            queue = Queue(name.value, connection=self.redis, serializer=JSONSerializer)
            while queue.count and (job_id := queue.pop_job_id()):
                job = queue.fetch_job(job_id)
                if job is not None:
                    done.append(job.func_name)
                    getattr(jobs, job.func_name.rpartition(".")[2])(*job.args)
        return done

    def tick(self, **by: float) -> None:
        """Time passes, the clock sweeps, workers work, until nothing is due."""
        self.clock.on(**by)
        for _ in range(20):
            due = Clock(self.services).sweep()
            if not self.work() and not due:
                return

    def messages(self, to: str = "", sender: str = "") -> list[Message]:
        """Texts in the emulator's account, in the order they were made."""
        engine = self.emulator.engine
        every = engine.call(lambda: list(engine.messaging.messages.values()))
        return [one for one in every if to in ("", one.to) and sender in ("", one.from_)]

    def sent(self, to: str) -> list[str]:
        """What the line has texted to a number by itself."""
        return [one.body for one in self.messages(to, HELPLINE)]

    def control(self, at: str, **data: Any) -> Any:
        """Ask the emulator for something."""
        answer = requests.post(f"{self.emulator.url}/emulator/api/{at}", json=data, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def arrives(self, body: str, sender: str = SOMEBODY) -> Message:
        """A text reaches Twilio; nobody tells the line."""
        self.control("phones", number=sender)
        sid = self.control(f"phones/{sender}/texts", to=HELPLINE, body=body)["sid"]
        return next(one for one in self.messages(sender=sender) if one.sid == sid)

    def is_called(self, sender: str = SOMEBODY) -> str:
        """A call reaches Twilio, which has nothing to say to it, and is over. Gives its sid."""
        self.control("phones", number=sender)
        return str(self.control(f"phones/{sender}/calls", to=HELPLINE)["sid"])

    def fault(self, kind: str, **more: Any) -> None:
        """Have Twilio go wrong."""
        self.control("faults", kind=kind, **more)


@contextmanager
def whole_line(folder: Path, monkeypatch: Any, **more: str) -> Iterator[WholeLine]:
    """A line of its own in `folder`."""
    with EmbeddedRedis(folder) as server:
        env = demo.completed({"VAR_DIR": str(folder), **more})
        emulator_settings = EmulatorSettings(
            port=0,
            account_sid=env["TWILIO_ACCOUNT_SID"],
            auth_token=env["TWILIO_AUTH_TOKEN"],
            numbers=(NumberSettings(HELPLINE),),
            pace=Pace(calls_per_second=50),
        )
        with Emulator(emulator_settings) as emulator:
            env["TWILIO_API_URL"] = emulator.url
            clock = Hands()
            services = wiring.build(Settings.read(env), clock)
            monkeypatch.setattr(jobs, "services", lambda: services)
            redis = Redis.from_url(server.address)
            try:
                yield WholeLine(services, redis, clock, emulator, env, create_app(services).test_client())
            finally:
                services.turn_times.end()
                redis.close()
                services.store.close()


@contextmanager
def served_line(folder: Path, monkeypatch: Any) -> Iterator[WholeLine]:
    """A line whose web server really listens at its public address."""
    port = free_port()
    with whole_line(folder, monkeypatch, PORT=str(port), PUBLIC_URL=f"http://127.0.0.1:{port}") as line:
        server = make_server("127.0.0.1", port, line.web.application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield line
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def fresh(line: WholeLine) -> WholeLine:
    """The same line with nothing in its memory, its queues and its telephones."""
    line.redis.flushall()
    engine = line.emulator.engine
    engine.call(engine.messaging.messages.clear)
    engine.call(engine.switchboard.stage.legs.clear)
    engine.call(engine.world.faults.clear)
    engine.call(engine.world.journal.clear)
    line.clock.now = datetime.now(UTC)
    return line


_SIDS = iter(range(1, 100_000))


def new_sid(kind: str) -> str:
    return f"{kind}{next(_SIDS):032x}"
