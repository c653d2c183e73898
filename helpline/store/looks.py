"""Cases, callers and the roster's live changes, for those who only look."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from redis import Redis

from flows.case import Case, Line
from flows.plain import from_plain
from flows.roster import Override, StaffId
from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.store import keys
from helpline.store.caller_record import CallerRecord
from helpline.store.change import text
from helpline.store.due import DueIndex
from helpline.store.retention import Retention

MOST_KNOWN = 2_000  # cases this process keeps opened, by their sealed record


@dataclass(frozen=True, slots=True)
class LiveRoster:
    """Swaps and absences, staff who get calls only, and the keys of staff numbers that were verified."""

    overrides: tuple[Override, ...] = ()
    calls_only: frozenset[StaffId] = frozenset()
    verified: frozenset[str] = frozenset()


class Looks(DueIndex):
    """Questions that need no transaction."""

    def __init__(self, redis: Redis, vault: Vault, outbox: Outbox, retention: Retention) -> None:
        super().__init__(redis, vault, outbox, retention)
        self._cases: dict[bytes | str, Case] = {}

    def open_cases(self, limit: int = 1000) -> tuple[Case, ...]:
        """Open cases, oldest first."""
        ids = [text(raw) for raw in self._call(lambda: self._redis.zrange(keys.OPEN, 0, limit - 1))]
        if not ids:
            return ()
        rows = self._call(lambda: self._redis.mget([keys.case(case_id) for case_id in ids]))
        return tuple(self._opened(row) for row in rows if row is not None)

    def _opened(self, row: bytes | str) -> Case:
        """The case of a sealed record; the same record is opened once, so that a board of hundreds is quick."""
        known = self._cases.get(row)
        if known is None:
            known = Case.from_json(self.vault.open(row))
            if len(self._cases) >= MOST_KNOWN:
                self._cases.clear()
            self._cases[row] = known
        return known

    def case(self, case_id: str) -> Case | None:
        raw = self._call(lambda: self._redis.get(keys.case(case_id)))
        return None if raw is None else Case.from_json(self.vault.open(raw))

    def busy_staff(self, but: str) -> frozenset[StaffId]:
        """Staff who are talking to a caller of any case but this one."""
        rows = self._call(lambda: self._redis.hgetall(keys.BRIDGED))
        return frozenset(StaffId(text(who)) for case_id, who in rows.items() if text(case_id) != but)

    def caller(self, caller_key: str) -> CallerRecord | None:
        raw, since = self._call(lambda: self._redis.mget([keys.caller(caller_key), keys.no_texts(caller_key)]))
        return None if raw is None else replace(CallerRecord.from_json(self.vault.open(raw)), opted_out=bool(since))

    def content(self, version: str) -> Mapping[str, str] | None:
        """The files of a content some conversation began with, or None where they are kept no more."""
        raw = self._call(lambda: self._redis.get(keys.content(version)))
        return None if raw is None else dict(self.vault.open(raw))

    def opted_out(self, caller_key: str) -> bool:
        """Whether this caller wants no texts."""
        return bool(self._call(lambda: self._redis.exists(keys.no_texts(caller_key))))

    def live_roster(self) -> LiveRoster:
        """What changes who can be paged since the roster file was written."""

        def ask() -> tuple[list[bytes], set[bytes], set[bytes]]:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.hvals(keys.OVERRIDES)
                pipe.smembers(keys.CALLS_ONLY)
                pipe.smembers(keys.VERIFIED)
                rows, calls_only, verified = pipe.execute()
                return rows, calls_only, verified

        rows, calls_only, verified = self._call(ask)
        return LiveRoster(
            tuple(Override.from_json(self.vault.open(row)) for row in rows),
            frozenset(StaffId(text(raw)) for raw in calls_only),
            frozenset(text(raw) for raw in verified),
        )

    def waits(self, level: str) -> tuple[float, ...]:
        """How long the last callers of a level waited for a human, in seconds."""
        return tuple(float(raw) for raw in self._call(lambda: self._redis.lrange(keys.waits(level), 0, -1)))

    def place_on_hold(self, case_id: str) -> int:
        """Which place in line a caller on hold has; the first also for somebody who is not in line."""
        before = self._call(lambda: self._redis.zrank(keys.HOLDING, case_id))
        return int(before) + 1 if isinstance(before, int) else 1

    def voicemails(self, case_id: str) -> tuple[str, ...]:
        """The spoken messages of a case, oldest first."""
        rows = self._call(lambda: self._redis.lrange(keys.voicemails_of(case_id), 0, -1))
        return tuple(text(row) for row in rows)

    def voicemail(self, recording: str) -> bytes | None:
        """A spoken message."""
        raw = self._call(lambda: self._redis.get(keys.voicemail(recording)))
        return None if raw is None else self.vault.open_bytes(raw)

    def is_due(self, member: str) -> bool:
        """Whether a member is in the due index, whenever its time is."""
        return self._call(lambda: self._redis.zscore(keys.DUE, member)) is not None

    def timeline(self, case_id: str) -> tuple[Line, ...]:
        """Everything that happened to a case, oldest first."""
        rows = self._call(lambda: self._redis.lrange(keys.timeline(case_id), 0, -1))
        return tuple(from_plain(Line, self.vault.open(row)) for row in rows)

    def cases_of_staff(self, staff_id: str) -> tuple[Case, ...]:
        """Open cases this staff member was paged for or has, oldest first; only to look at."""
        ids = sorted(text(raw) for raw in self._call(lambda: self._redis.smembers(keys.staff_cases(staff_id))))
        rows = self._call(lambda: self._redis.mget([keys.case(case_id) for case_id in ids])) if ids else []
        found = (Case.from_json(self.vault.open(row)) for row in rows if row is not None)
        return tuple(sorted(found, key=lambda case: case.opened_at))
