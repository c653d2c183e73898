"""The due index for those who sweep it: what is due, what was rung for, and who still lives."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from helpline.outbox import Bell, QueueName
from helpline.store import keys
from helpline.store.change import milliseconds, text
from helpline.store.speaking import Speaking

RUNG_FOR_NOTHING = timedelta(hours=1)
"""A row that was rung for so long ago and never looked after has been taken back; one that is due is rung for anew."""


class Beat(StrEnum):
    """The processes that say they are alive."""

    CLOCK = "clock"
    URGENT = "worker-urgent"
    DEFAULT = "worker-default"

    @classmethod
    def of_worker(cls, queue: str) -> "Beat":
        """The beat of the worker on this queue."""
        return cls(f"worker-{queue}")


class DueIndex(Speaking):
    """When each case or timer must be looked at."""

    def due(self, now: datetime, limit: int = 500) -> tuple[str, ...]:
        """Members of the due index whose time has come, longest due first."""
        raw = self._call(lambda: self._redis.zrangebyscore(keys.DUE, 0, milliseconds(now), start=0, num=limit))
        return tuple(text(member) for member in raw)

    def oldest_due(self) -> datetime | None:
        """When the first row falls due; in the past if the clock is late."""
        rows = self._call(lambda: self._redis.zrange(keys.DUE, 0, 0, withscores=True))
        return None if not rows else datetime.fromtimestamp(float(rows[0][1]) / 1000).astimezone()

    def rung_since(self, members: Sequence[str], now: datetime) -> tuple[timedelta | None, ...]:
        """How long ago the doorbell of each due member was rung; None and it counts as rung now. One round trip."""
        if not members:
            return ()

        def note() -> list[float | None]:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.zmscore(keys.RUNG, list(members))
                pipe.zremrangebyscore(keys.RUNG, 0, milliseconds(now - RUNG_FOR_NOTHING))
                pipe.zadd(keys.RUNG, dict.fromkeys(members, milliseconds(now)), nx=True)
                scores: list[float | None] = pipe.execute()[0]
                return scores

        since = milliseconds(now)
        return tuple(None if at is None else timedelta(milliseconds=since - at) for at in self._call(note))

    def ring_again(self, members: Sequence[str], now: datetime) -> None:
        """Count these as rung now: whoever looks after them has the time for it, and nobody begins them meanwhile."""
        if members:
            self._call(lambda: self._redis.zadd(keys.RUNG, dict.fromkeys(members, milliseconds(now)), xx=True))

    def still_due(self, members: Sequence[str], now: datetime) -> tuple[str, ...]:
        """Those of these members whose time has come and that nobody has looked after."""
        if not members:
            return ()
        scores = self._call(lambda: self._redis.zmscore(keys.DUE, list(members)))
        times = zip(members, scores, strict=True)
        return tuple(member for member, at in times if at is not None and at <= milliseconds(now))

    def ring(self, *bells: Bell) -> None:
        """Ring workers for something that is already written."""
        if not bells:
            return

        def push() -> None:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.multi()
                for bell in bells:
                    self._outbox.push(pipe, bell)
                pipe.execute()

        self._call(push)

    def drop_due(self, member: str) -> None:
        """Take a member out of the due index: what it stood for is gone."""
        self._call(lambda: (self._redis.zrem(keys.DUE, member), self._redis.zrem(keys.RUNG, member)))

    def waiting_in(self, name: str, now: datetime, limit: int = 50) -> tuple[str, ...]:
        """Members of a sorted set of times whose time has come, longest waiting first."""
        raw = self._call(lambda: self._redis.zrangebyscore(name, 0, milliseconds(now), start=0, num=limit))
        return tuple(text(member) for member in raw)

    def wake(self, member: str, at: datetime, *, sooner: bool = False) -> None:
        """Put a row into the due index; with `sooner`, only if it is not there for an earlier time."""

        def write() -> None:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(keys.DUE, {member: milliseconds(at)}, lt=sooner)
                pipe.zrem(keys.RUNG, member)
                pipe.execute()

        self._call(write)

    def beat(self, kind: str, now: datetime, ttl: timedelta) -> None:
        """Say that a process of this kind is alive."""
        self._call(lambda: self._redis.set(keys.heartbeat(kind), now.isoformat(), ex=ttl))

    def last_beat(self, kind: str) -> datetime | None:
        raw = self._call(lambda: self._redis.get(keys.heartbeat(kind)))
        return None if raw is None else datetime.fromisoformat(text(raw))

    def queue_length(self, queue: QueueName) -> int:
        """Doorbells in a queue."""
        return self._call(lambda: self._outbox.length(queue))
