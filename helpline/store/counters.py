"""How much of something happened lately, and who is blocked: counts that expire by themselves, and hold no number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis import Redis

from helpline.store import keys
from helpline.store.change import seconds
from helpline.store.redis_store import RedisStore
from helpline.store.transaction import Transaction, milliseconds
from helpline.store.wire import Command

LONGEST_BLOCK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Block:
    """One caller is answered with the emergency text only, until then; why, and who decided it."""

    reason: str
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Arriving:
    """What an arrival counts, each within its window, and the window in which its sender counts among all."""

    caller_key: str
    counted: Mapping[str, timedelta]
    senders: timedelta

    def names(self, now: datetime) -> tuple[str, ...]:
        """The counters' keys."""
        return tuple(_name(what, window, now) for what, window in self.counted.items())


@dataclass(frozen=True, slots=True)
class Lately:
    """How often each thing was counted with this arrival, how many senders there were, and if this one is blocked."""

    arriving: Arriving
    at: datetime
    counts: tuple[int, ...]
    different: int
    blocked: bool

    @classmethod
    def answered(cls, arriving: Arriving, at: datetime, answers: Sequence[Any]) -> "Lately":
        """Read the answers to what was asked."""
        (block, *before), different = answers
        return cls(arriving, at, tuple(int(count or 0) + 1 for count in before), int(different), block is not None)

    def count(self, tx: Transaction) -> None:
        """Count this arrival with what it leads to; one that changes nothing, such as a repetition, never counts.

        Two at once may both be the first of a window: then both set its end.
        """
        windows = self.arriving.counted.values()
        for name, count, window in zip(self.arriving.names(self.at), self.counts, windows, strict=True):
            tx.send("INCR", name)
            if count == 1:
                tx.send("EXPIRE", name, seconds(window * 2))
        if self.counts[0] == 1:  # the first of this sender in the shortest window: later ones are in the sketch already
            crowd = _name("senders", self.arriving.senders, self.at)
            tx.send("PFADD", crowd, self.arriving.caller_key)
            tx.send("EXPIRE", crowd, seconds(self.arriving.senders * 2))


@dataclass(frozen=True, slots=True)
class Counters:
    """Counts in fixed windows: what is over one is forgotten with it."""

    store: RedisStore

    def count(self, counted: Mapping[str, timedelta], now: datetime) -> tuple[int, ...]:
        """Count one more of each of these within its window; gives how many that makes, in one round trip."""

        def ask(redis: Redis) -> list[int]:
            with redis.pipeline(transaction=False) as pipe:
                for what, window in counted.items():
                    name = _name(what, window, now)
                    pipe.incr(name)
                    pipe.expire(name, window * 2)
                return [int(answer) for answer in pipe.execute()[::2]]

        return tuple(self.store.ask(ask))

    def asks(self, arriving: Arriving, now: datetime) -> tuple[Command, ...]:
        """What to ask about an arrival, in the round trip in which its turn is read anyway."""
        return (
            ("MGET", keys.block(arriving.caller_key), *arriving.names(now)),
            ("PFCOUNT", _name("senders", arriving.senders, now)),
        )

    def blocked(self, caller_key: str) -> Block | None:
        """The block on this caller, if it has not expired."""
        raw: Any = self.store.ask(lambda redis: redis.get(keys.block(caller_key)))
        if raw is None:
            return None
        data = self.store.vault.open(raw)
        return Block(data["reason"], data["by"], datetime.fromisoformat(data["until"]))

    def blocks(self, now: datetime) -> tuple[tuple[str, Block], ...]:
        """Everybody who is blocked, by caller key, what ends first first; what has expired is forgotten on the way."""

        def ask(redis: Redis) -> list[bytes]:
            with redis.pipeline(transaction=True) as pipe:
                pipe.zremrangebyscore(keys.BLOCKS, 0, milliseconds(now))
                pipe.zrange(keys.BLOCKS, 0, -1)
                found: list[bytes] = pipe.execute()[1]
                return found

        listed = [raw.decode() for raw in self.store.ask(ask)]
        return tuple((key, found) for key in listed if (found := self.blocked(key)) is not None)


def block(tx: Transaction, caller_key: str, why: Block, now: datetime) -> None:
    """Answer this caller with the emergency text only, for a time; danger and an open case still pass."""
    data = {"reason": why.reason, "by": why.by, "until": why.until.isoformat()}
    tx.put(keys.block(caller_key), data, why.until - now)
    tx.write(lambda pipe: pipe.zadd(keys.BLOCKS, {caller_key: milliseconds(why.until)}))
    tx.write(lambda pipe: pipe.expire(keys.BLOCKS, LONGEST_BLOCK))
    tx.audit("blocked", caller=caller_key, by=why.by)


def unblock(tx: Transaction, caller_key: str, by: str) -> None:
    """Take a block back before it expires."""
    tx.delete(keys.block(caller_key))
    tx.write(lambda pipe: pipe.zrem(keys.BLOCKS, caller_key))
    tx.audit("unblocked", caller=caller_key, by=by)


def _name(what: str, window: timedelta, now: datetime) -> str:
    return keys.rate(what, int(now.timestamp() // window.total_seconds()))
