"""What one transaction asked is never answered to another."""

import pytest
from redis import ConnectionPool, Redis, UnixDomainSocketConnection, WatchError

from helpline.running.embedded_redis import EmbeddedRedis
from helpline.store.wire import Wire, Wires


class TooLong(BaseException):
    """What RQ raises in the middle of a job that has run out of its time, wherever it is then."""


@pytest.fixture
def redis(tmp_path):
    with EmbeddedRedis(tmp_path) as server:
        client = Redis.from_url(server.address)
        yield client
        client.close()


def interrupted_after_the_first_answer(wire, monkeypatch):
    """The alarm comes between two answers, where no library notices."""
    read, answers = wire._connection.read_response, []

    def once(*args, **options):
        if answers:
            monkeypatch.undo()
            raise TooLong
        answers.append(read(*args, **options))
        return answers[0]

    monkeypatch.setattr(wire._connection, "read_response", once)


def test_a_transaction_cut_short_between_two_answers_leaves_none_of_them_to_the_next(redis, monkeypatch):
    redis.mset({"of_one": "hers", "of_another": "his"})
    wires = Wires(redis)
    wire = wires.take()
    interrupted_after_the_first_answer(wire, monkeypatch)
    with pytest.raises(TooLong):
        wire.ask(("WATCH", "of_one"), ("GET", "of_one"))
    wires.give_back(wire)
    assert wires.take() is wire
    assert wire.ask(("GET", "of_another")) == [b"his"]


def test_an_error_among_the_answers_leaves_the_others_to_nobody(redis):
    redis.set("word", "x")
    wire = Wire(redis)
    with pytest.raises(Exception, match="WRONGTYPE"):
        wire.ask(("SMEMBERS", "word"), ("GET", "word"))
    assert wire.ask(("GET", "missing")) == [None]


def test_a_decision_whose_watch_was_lost_with_its_connection_cannot_be_written(redis, monkeypatch):
    wires = Wires(redis)
    wire = wires.take()
    wire.ask(("WATCH", "case"), ("GET", "case"))
    interrupted_after_the_first_answer(wire, monkeypatch)
    with pytest.raises(TooLong):
        wire.ask(("GET", "case"), ("GET", "other"))
    redis.set("case", "of somebody else")
    with pytest.raises(WatchError):
        wire.commit([("SET", "case", "decided on what is no more")])
    assert redis.get("case") == b"of somebody else"
    wires.give_back(wire)
    assert wires.take().ask(("GET", "case")) == [b"of somebody else"]
    wire.close()


class Told(UnixDomainSocketConnection):
    """Asks where to connect whenever it does, as a connection that Sentinels manage."""

    where = ""

    def connect(self):
        if not self._sock:
            self.path = type(self).where
        super().connect()


def test_a_connection_that_was_lost_is_made_to_where_the_primary_is_now(tmp_path):
    with EmbeddedRedis(tmp_path / "old") as old, EmbeddedRedis(tmp_path / "new") as new:
        Told.where = old.address.removeprefix("unix://")
        wires = Wires(Redis(connection_pool=ConnectionPool(connection_class=Told)))
        for _ in range(2):
            wire = wires.take()
            wire.ask(("WATCH", "case"), ("GET", "case"))
            wire.commit([("SET", "case", "old")])
            wires.give_back(wire)
        old.stop()
        Told.where = new.address.removeprefix("unix://")
        wire = wires.take()
        assert wire.ask(("WATCH", "case"), ("GET", "case")) == [b"OK", None]
        wire.commit([("SET", "case", "new")])
        wire.close()
        assert Redis.from_url(new.address).get("case") == b"new"
