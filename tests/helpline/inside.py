"""The line within the test's own process: real Redis, the real application, a clock that is moved by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from twilio.request_validator import RequestValidator
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import demo
from config.settings import Settings
from helpline.app import WEBHOOKS, WEBHOOKS_AT, create_app
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.wiring import Services, build

BEGIN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(repr=False)  # a failing assertion would write out the whole content
class Inside:
    """The services, the application over them, and how Twilio posts to it."""

    settings: Settings
    services: Services
    app: Flask
    redis: Redis
    clock: Clock
    _sids: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    @property
    def rules(self) -> list[Rule]:
        """Every address there is: the pages', and the webhooks' of the application beside them."""
        webhooks = self.app.extensions[WEBHOOKS].url_map.iter_rules()
        return [*self.app.url_map.iter_rules(), *(rule for rule in webhooks if rule.rule.startswith(WEBHOOKS_AT))]

    def sid(self, prefix: str) -> str:
        return f"{prefix}{next(self._sids):032x}"

    def post(self, path: str, form: Mapping[str, Any], **more: Any) -> TestResponse:
        """Post a form signed by Twilio's token."""
        token = self.settings.auth_tokens[0]
        signature = RequestValidator(token).compute_signature(f"{self.settings.public_url}{path}", form)
        headers = {"X-Twilio-Signature": signature, **more.pop("headers", {})}
        return self.app.test_client().post(path, data=form, headers=headers, **more)

    def text(self, number: str, body: str, **more: str) -> str:
        """Send a text as Twilio hands it over; gives the TwiML that comes back."""
        sid = self.sid("SM")
        form = {"MessageSid": sid, "From": number, "To": self.settings.helpline_number, "Body": body, **more}
        answer = self.post("/twilio/sms", form)
        assert answer.status_code == 200, answer.data
        return answer.text

    def call(self, number: str, path: str = "/twilio/voice", **more: str) -> str:
        """Let a call reach the line; gives the TwiML that comes back."""
        form = {"CallSid": more.pop("CallSid", self.sid("CA")), "From": number, "Direction": "inbound", **more}
        answer = self.post(path, {"To": self.settings.helpline_number, "CallStatus": "in-progress", **form})
        assert answer.status_code == 200, answer.data
        return answer.text


@contextmanager
def inside(folder: Path, **env: str) -> Iterator[Inside]:
    """A line with an embedded Redis of its own; Twilio is not there, so nothing leaves it."""
    given = {"VAR_DIR": str(folder), "TWILIO_API_URL": "http://127.0.0.1:9", **env}
    settings = Settings.read(demo.completed(given))
    with EmbeddedRedis(folder) as server:
        clock = Clock()
        services = build(settings.model_copy(update={"redis_url": server.address}), clock)
        redis = Redis.from_url(server.address)
        try:
            yield Inside(settings, services, create_app(services), redis, clock)
        finally:
            services.turn_times.end()  # else its timer speaks into another test's output
            redis.close()


@pytest.fixture(scope="module", name="line")
def one_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """A line for the tests of the module that imports this."""
    with inside(tmp_path_factory.mktemp("v")) as running:
        yield running


@pytest.fixture(name="number")
def somebody(line: Inside) -> str:
    """The number of a caller whom the line has never heard of; nor has it heard of anybody else."""
    line.redis.flushall()
    line.services.content.kept.clear()
    line.clock.now = BEGIN
    return "+12025550123"
