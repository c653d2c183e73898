"""A letter is sent once, whatever happens to its doorbell, its worker or the carrier's answer; real Redis."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from redis import Redis

from flows.roster import Contact
from helpline.channels.voice import Addresses
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.outbox import Outbox
from helpline.paging.letters import LEASE, PostOffice
from helpline.privacy.vault import Vault
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store import Letter, LetterKind, RedisStore, Retention, keys

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Died(BaseException):
    """The worker ends right after the carrier took the request."""


class Carrier:
    """Takes texts and calls, and gives the answers it was told to give, one each, before it takes any."""

    def __init__(self, *faults, lists=True):
        self.faults, self.sent, self.lists = list(faults), [], lists

    def _take(self, *what):
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or isinstance(fault, Uncertain | Died):
            self.sent.append(what)
        if fault is not None:
            raise fault
        return f"SM{len(self.sent)}"

    def find_texts(self, to, _since):
        if isinstance(self.lists, Exception):
            raise self.lists
        return tuple(
            {"sid": f"SM{place}", "body": body}
            for place, (number, body) in enumerate(self.sent, 1)
            if self.lists and number == to
        )

    def find_calls(self, to, _since):
        return tuple({"sid": f"SM{place}"} for place, (number, _) in enumerate(self.sent, 1) if number == to)

    def text(self, to, body, _callbacks, *, valid_for):
        assert timedelta(seconds=5) < valid_for <= timedelta(hours=10)
        self.valid_for = valid_for
        return self._take(to, body)

    def ring(self, to, callbacks, *, ring_for):
        assert ring_for > timedelta(0)
        return self._take(to, callbacks.answer)


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with EmbeddedRedis(tmp_path_factory.mktemp("r")) as server:
        client = Redis.from_url(server.address)
        yield client
        client.close()


@pytest.fixture
def office(redis):
    redis.flushall()
    vault = Vault([Fernet.generate_key().decode()], "lookup")
    store = RedisStore(redis, vault, Outbox(redis), Retention())

    def at(carrier, now=NOW):
        return PostOffice(store, None, carrier, Addresses("https://line.example"), lambda: now)

    return at


def a_letter(**changes):
    known = {
        "id": "l1", "kind": LetterKind.SIGN_IN, "to": "+12025550123", "text": "Code 123456",
        "until": NOW + timedelta(minutes=10),
    }  # fmt: skip
    return Letter(**{**known, **changes})


def posted(office, letter):
    office(None).store.transact(lambda tx: tx.post_letter(letter, NOW))


def test_a_letter_is_sent_once_however_often_it_is_rung_for(office):
    posted(office, a_letter())
    carrier = Carrier()
    for _ in range(3):
        office(carrier).deliver("l1")
    assert carrier.sent == [("+12025550123", "Code 123456")]


@pytest.mark.parametrize(
    ("until", "valid_for"),
    [
        (timedelta(minutes=10), timedelta(minutes=10)),
        (timedelta(seconds=1), timedelta(seconds=10)),
        (timedelta(days=1), timedelta(hours=10)),
    ],
)
def test_a_text_dies_at_the_carrier_when_its_words_are_stale(office, until, valid_for):
    posted(office, a_letter(until=NOW + until))
    carrier = Carrier()
    office(carrier).deliver("l1")
    assert carrier.valid_for == valid_for


def test_a_letter_whose_doorbell_is_lost_is_in_the_due_index(office):
    posted(office, a_letter())
    assert office(None).store.due(NOW) == (keys.letter_member("l1"),)
    office(Carrier()).deliver("l1")
    assert office(None).store.due(NOW + timedelta(days=1)) == ()


def test_a_letter_of_a_worker_that_died_is_sent_by_the_next_after_the_lease(office):
    posted(office, a_letter())
    with pytest.raises(KeyboardInterrupt):
        office(Carrier(KeyboardInterrupt())).deliver("l1")
    carrier = Carrier()
    office(carrier, NOW + timedelta(seconds=1)).deliver("l1")
    assert carrier.sent == []
    office(carrier, NOW + LEASE).deliver("l1")
    assert len(carrier.sent) == 1


def test_a_busy_carrier_is_asked_again_when_it_said(office):
    posted(office, a_letter())
    carrier = Carrier(*[Unavailable("429", timedelta(seconds=3))] * 3)
    for wait in (0, 3, 6, 9):
        office(carrier, NOW + timedelta(seconds=wait)).deliver("l1")
    assert len(carrier.sent) == 1


def later(office, carrier, letter_id="l1"):
    for second in range(0, 300, 30):
        office(carrier, NOW + timedelta(seconds=second)).deliver(letter_id)


def test_after_a_lost_answer_the_carrier_is_asked_and_nothing_is_sent_again(office, redis):
    posted(office, a_letter())
    carrier = Carrier(Uncertain())
    later(office, carrier)
    assert len(carrier.sent) == 1
    assert not redis.exists(keys.letter("l1"))


@pytest.mark.parametrize("by", list(Contact))
def test_after_a_death_with_the_request_out_the_carrier_is_asked_and_nothing_is_sent_again(office, by):
    posted(office, a_letter(by=by))
    carrier = Carrier(Died())
    with pytest.raises(Died):
        office(carrier).deliver("l1")
    later(office, carrier)
    assert len(carrier.sent) == 1


def test_where_the_lists_say_nothing_a_lost_answer_is_followed_by_one_more_request_and_no_third(office):
    posted(office, a_letter())
    carrier = Carrier(*[Uncertain()] * 9, lists=False)
    later(office, carrier)
    assert len(carrier.sent) == 2


def test_a_list_that_cannot_be_had_is_asked_for_again_before_anything_is_sent(office):
    posted(office, a_letter())
    carrier = Carrier(Uncertain(), lists=Unavailable("429"))
    later(office, carrier)
    assert len(carrier.sent) == 1
    carrier.lists = True
    office(carrier, NOW + timedelta(minutes=6)).deliver("l1")
    assert office(carrier).letter("l1") is None


def test_the_same_words_in_another_letter_are_not_taken_for_this_one(office):
    """Twice "yes" to one number: the second dies on its way out, and the first, which arrived, is not the second."""
    carrier = Carrier()
    posted(office, a_letter())
    office(carrier).deliver("l1")
    posted(office, a_letter(id="l2"))
    with pytest.raises(KeyboardInterrupt):
        office(Carrier(KeyboardInterrupt())).deliver("l2")
    later(office, carrier, "l2")
    assert len(carrier.sent) == 2


def test_two_of_the_same_words_whose_answers_were_both_lost_are_each_found_once(office):
    carrier = Carrier(Uncertain(), Uncertain())
    for letter_id in ("l1", "l2"):
        posted(office, a_letter(id=letter_id))
        office(carrier).deliver(letter_id)
    for letter_id in ("l1", "l2"):
        later(office, carrier, letter_id)
    assert len(carrier.sent) == 2


def test_a_letter_that_is_too_old_is_not_sent_and_not_kept(office, redis):
    posted(office, a_letter())
    carrier = Carrier()
    office(carrier, NOW + timedelta(minutes=11)).deliver("l1")
    assert carrier.sent == []
    assert not redis.exists(keys.letter("l1"))


def test_a_refused_letter_ends_there(office, redis):
    posted(office, a_letter())
    carrier = Carrier(Refused(21610))
    office(carrier).deliver("l1")
    office(carrier, NOW + timedelta(minutes=1)).deliver("l1")
    assert carrier.sent == []
    assert not redis.exists(keys.letter("l1"))


def test_a_call_says_its_words_from_the_letter_that_is_still_there(office):
    posted(office, a_letter(by=Contact.CALL))
    carrier = Carrier()
    office(carrier).deliver("l1")
    assert carrier.sent == [("+12025550123", "https://line.example/twilio/letter?l=l1")]
    assert office(carrier).letter("l1").text == "Code 123456"
    office(carrier, NOW + timedelta(minutes=1)).deliver("l1")
    assert len(carrier.sent) == 1


def test_number_and_words_of_a_letter_are_sealed(office, redis):
    posted(office, a_letter())
    everything = b"".join(redis.get(name) or b"" for name in redis.scan_iter() if redis.type(name) == b"string")
    assert b"2025550123" not in everything
    assert b"123456" not in everything
    assert "123456" not in repr(a_letter())
