"""What the console asks of the store, and what it keeps there: visits, limits, what was said."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from redis import Redis

from flows.case import Case
from helpline.store import keys
from helpline.store.redis_store import RedisStore
from helpline.store.spoken import Spoken
from helpline.store.visits import Visit


class ConsoleStore:
    """The console's side of the line's memory."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    def changes(self) -> int:
        """A number that rises whenever something a board or case page shows has changed."""
        raw: Any = self._store.ask(lambda redis: redis.get(keys.BOARD))
        return 0 if raw is None else int(raw)

    def words(self, case_id: str) -> tuple[Spoken, ...]:
        """What caller, bot and staff said while the case was open."""
        rows: Any = self._store.ask(lambda redis: redis.lrange(keys.words(case_id), 0, -1))
        return tuple(Spoken.from_json(self._store.vault.open(row)) for row in rows)

    def earlier_cases(self, caller_key: str) -> tuple[Case, ...]:
        """This caller's closed cases that are still kept, newest first."""
        ids: Any = self._store.ask(lambda redis: redis.smembers(keys.cases_of(caller_key)))
        found = [case for case_id in ids if (case := self._store.case(case_id.decode())) is not None]
        return tuple(sorted(found, key=lambda case: case.opened_at, reverse=True))

    def tally(self, name: str, ttl: timedelta) -> int:
        """Count one more, in a window that begins with the first; gives how many that makes."""

        def count(redis: Redis) -> int:
            with redis.pipeline(transaction=True) as pipe:
                pipe.incr(name)
                pipe.expire(name, ttl, nx=True)
                return int(pipe.execute()[0])

        return self._store.ask(count)

    # -- visits -------------------------------------------------------------------------------------------------

    def visit(self, visit_id: str) -> Visit | None:
        raw: Any = self._store.ask(lambda redis: redis.get(keys.visit(visit_id)))
        return None if raw is None else Visit.from_json(self._store.vault.open(raw))

    def visits(self) -> tuple[Visit, ...]:
        """Everybody who is signed in; what has run out is forgotten on the way."""
        ids: Any = self._store.ask(lambda redis: redis.hkeys(keys.VISITS))
        found = {visit_id: self.visit(visit_id.decode()) for visit_id in ids}
        if gone := [visit_id for visit_id, visit in found.items() if visit is None]:
            self._store.ask(lambda redis: redis.hdel(keys.VISITS, *gone))
        return tuple(sorted((visit for visit in found.values() if visit), key=lambda visit: visit.seen, reverse=True))

    def keep_visit(self, visit: Visit, now: datetime) -> None:
        """Keep a visit as long as it may stand idle."""
        ttl = max(min(visit.idle, visit.until - now), timedelta(seconds=1))
        sealed = self._store.vault.seal(visit.to_json())

        def write(redis: Redis) -> None:
            with redis.pipeline(transaction=True) as pipe:
                pipe.set(keys.visit(visit.id), sealed, ex=ttl)
                pipe.hset(keys.VISITS, visit.id, visit.staff_id)
                pipe.execute()

        self._store.ask(write)

    def end_visit(self, visit_id: str) -> bool:
        """End a visit; whether there was one."""
        ended = self._store.ask(lambda redis: redis.delete(keys.visit(visit_id)))
        self._store.ask(lambda redis: redis.hdel(keys.VISITS, visit_id))
        return bool(ended)

    # -- counts -------------------------------------------------------------------------------------------------

    def counts(self, hours: Sequence[str]) -> tuple[Mapping[str, str], ...]:
        """The counters of these hours, one mapping for each."""

        def read(redis: Redis) -> list[Any]:
            with redis.pipeline(transaction=False) as pipe:
                for hour in hours:
                    pipe.hgetall(keys.counts(hour))
                return list(pipe.execute())

        rows = self._store.ask(read)
        return tuple({name.decode(): value.decode() for name, value in row.items()} for row in rows)

    def present(self, since: datetime) -> Mapping[str, int]:
        """How many conversations are at each node, of those whose contact is open and that were heard of since then.

        Read from the conversations themselves: a list kept for this page would cost every turn.
        """
        return Counter(session.node for session in self._store.open_sessions() if session.last_at >= since)
