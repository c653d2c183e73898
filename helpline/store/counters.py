"""How much of something happened lately, and who is blocked: counts that expire by themselves, and hold no number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis import Redis

from helpline.store import keys
from helpline.store.redis_store import RedisStore
from helpline.store.transaction import Transaction, milliseconds

LONGEST_BLOCK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Block:
    """One caller is answered with the emergency text only, until then; why, and who decided it."""

    reason: str
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Lately:
    """How often each thing was counted, about how many senders there were, and whether this one is blocked."""

    counts: tuple[int, ...]
    different: int
    blocked: bool


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

    def arrived(self, caller_key: str, counted: Mapping[str, timedelta], senders: timedelta, now: datetime) -> Lately:
        """Count an arrival, its sender among all of this window, and see whether they are blocked; one round trip."""
        crowd = _name("senders", senders, now)

        def ask(redis: Redis) -> list[Any]:
            with redis.pipeline(transaction=False) as pipe:
                for what, window in counted.items():
                    name = _name(what, window, now)
                    pipe.incr(name)
                    pipe.expire(name, window * 2)
                pipe.execute_command("PFADD", crowd, caller_key)  # type: ignore[no-untyped-call]
                pipe.expire(crowd, senders * 2)
                pipe.execute_command("PFCOUNT", crowd)  # type: ignore[no-untyped-call]
                pipe.get(keys.block(caller_key))
                return list(pipe.execute())

        *answers, _, _, different, block = self.store.ask(ask)
        return Lately(tuple(int(count) for count in answers[::2]), int(different), blocked=block is not None)

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
