"""Who opted out of texts gets none, whoever wanted to send one; their danger goes on."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.fernet import Fernet
from redis import Redis

from config import policy as policy_file
from config.content import SHIPPED
from flows import claims, handling
from flows.case import ClaimVia, NoticeKind, Opening
from flows.events import Channel
from flows.roster import StaffId
from flows.urgency import Urgency
from helpline.gateway.failures import Refused
from helpline.gateway.rest import Callbacks, Gateway, Sender
from helpline.outbox import Outbox
from helpline.paging.dispatch import Dispatch
from helpline.paging.no_texts import NoTexts
from helpline.privacy.vault import Vault
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store import CallerRecord, RedisStore, Retention

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
CALLER = "+12025550123"


class Twilio(BaseHTTPRequestHandler):
    """Takes texts; blocks those to numbers that have opted out, in Twilio's words."""

    bodies: list[str]
    blocks: bool

    def do_POST(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers["Content-Length"]))
        blocked = self.server.blocks  # type: ignore[attr-defined]
        answer = {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}
        self.send_response(400 if blocked else 201)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer if blocked else {"sid": "SM1"}).encode())

    def log_message(self, *_: object) -> None:
        """Not on the test's output."""


@contextmanager
def twilio(*, blocks: bool) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Twilio)
    server.seen, server.blocks = [], blocks  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with EmbeddedRedis(tmp_path_factory.mktemp("r")) as server:
        client = Redis.from_url(server.address)
        yield client
        client.close()


@pytest.fixture
def store(redis: Redis) -> RedisStore:
    redis.flushall()
    vault = Vault([Fernet.generate_key().decode()], "lookup-key-of-the-test")
    return RedisStore(redis, vault, Outbox(redis), Retention())


@pytest.fixture
def no_texts(store: RedisStore) -> NoTexts:
    return NoTexts(store, Dispatch(store, None, lambda: NOW), lambda: NOW)  # type: ignore[arg-type]


def gateway(server: HTTPServer, no_texts: NoTexts) -> Gateway:
    url = f"http://127.0.0.1:{server.server_port}"
    return Gateway(
        "AC1", "token", url, Sender("+17175550100"), no_texts_to=no_texts.wished_by, blocked=no_texts.learned
    )


def a_case(store: RedisStore) -> str:
    """An open urgent case of the caller's that Ana has."""
    opening = Opening(
        id="case1", code="7F3K", caller_key=store.vault.caller_key(CALLER), session_id="sms-x", channel=Channel.SMS,
        urgency=Urgency.URGENT, reason="danger",
    )  # fmt: skip
    policy = policy_file.load(SHIPPED / "policy.yaml")
    case, lines = handling.open_case(opening, policy, NOW)
    claimed = claims.claim(case, StaffId("ana"), via=ClaimVia.SMS, now=NOW)
    assert isinstance(claimed, claims.Claimed)
    store.transact(lambda tx: tx.put_case(claimed.case, (*lines, *claimed.lines), NOW))
    return case.id


def test_a_text_to_somebody_who_opted_out_never_leaves(store, no_texts):
    store.transact(lambda tx: tx.put_opted_out(store.vault.caller_key(CALLER), NOW, out=True))
    with twilio(blocks=False) as server, pytest.raises(Refused) as refused:
        gateway(server, no_texts).text(CALLER, "Ana has taken your request.", Callbacks("http://x/status"))
    assert refused.value.code == 21610
    assert server.seen == []


def test_who_comes_back_gets_texts_again(store, no_texts):
    key = store.vault.caller_key(CALLER)
    store.transact(lambda tx: tx.put_opted_out(key, NOW, out=True))
    store.transact(lambda tx: tx.put_opted_out(key, NOW, out=False))
    with twilio(blocks=False) as server:
        assert gateway(server, no_texts).text(CALLER, "Hello.", Callbacks("http://x/status")) == "SM1"


def test_an_opt_out_outlives_everything_else_that_is_kept_of_a_caller(store, redis):
    key = store.vault.caller_key(CALLER)
    store.transact(lambda tx: (tx.put_caller(CallerRecord(key, CALLER)), tx.put_opted_out(key, NOW, out=True)))
    assert redis.ttl(f"notexts:{key}") == -1
    redis.delete(f"caller:{key}")
    assert store.opted_out(key)
    store.transact(lambda tx: tx.put_caller(CallerRecord(key, CALLER)))
    assert store.caller(key).opted_out
    assert store.transact(lambda tx: tx.caller(key)).opted_out


def test_error_21610_is_kept_and_asked_of_twilio_only_once(store, no_texts):
    with twilio(blocks=True) as server:
        line = gateway(server, no_texts)
        for _ in range(3):
            with pytest.raises(Refused):
                line.text(CALLER, "Hello.", Callbacks("http://x/status"))
    assert len(server.seen) == 1


def test_error_21610_tells_whoever_has_the_case_and_leaves_the_case_open(store, no_texts):
    case_id = a_case(store)
    no_texts.learned(CALLER)
    case = store.case(case_id)
    assert case.opted_out
    assert not case.may_text
    assert not case.closed
    assert [notice.staff_id for notice in case.notices if notice.kind is NoticeKind.NO_TEXTS] == ["ana"]
    version = case.version
    no_texts.learned(CALLER)
    assert store.case(case_id).version == version


def test_whoever_takes_a_case_whose_caller_opted_out_is_told_not_to_text(store):
    opening = Opening(
        id="case2", code="8F3K", caller_key="k", session_id="sms-x", channel=Channel.SMS, urgency=Urgency.EMERGENCY,
        reason="danger", opted_out=True,
    )  # fmt: skip
    case, _ = handling.open_case(opening, policy_file.load(SHIPPED / "policy.yaml"), NOW)
    taken = claims.claim(case, StaffId("ana"), via=ClaimVia.CALL, now=NOW + timedelta(seconds=5), call="CA1")
    assert isinstance(taken, claims.Claimed)
    assert NoticeKind.NO_TEXTS in {notice.kind for notice in taken.case.notices}
    assert NoticeKind.TAKEN not in {notice.kind for notice in taken.case.notices}
