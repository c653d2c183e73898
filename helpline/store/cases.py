"""What a transaction reads and writes of a case: the record, its timeline, its place in every index, its messages."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flows.case import Case, Line, LineKind
from flows.holding import rank
from flows.plain import to_plain
from helpline.store import keys, metrics
from helpline.store.callers import Callers
from helpline.store.change import milliseconds, seconds
from helpline.store.spoken import Spoken

RANK_STEP = 1e13  # more milliseconds than will pass by the year 2286, and eight of them are still exact as a float
UNWANTED_FOR = timedelta(days=1)  # far longer than any fetch takes


class Cases(Callers):
    """Records of one case."""

    def case(self, case_id: str) -> Case | None:
        (data,) = self.read(keys.case(case_id))
        return None if data is None else Case.from_json(data)

    def case_of(self, caller_key: str) -> Case | None:
        """The open case of this caller, if there is one."""
        (case_id,) = self.read(keys.case_of(caller_key))
        return None if case_id is None else self.case(case_id)

    def case_by_code(self, code: str) -> Case | None:
        (case_id,) = self.read(keys.code(code))
        return None if case_id is None else self.case(case_id)

    def cases_of_staff(self, staff_id: str) -> tuple[Case, ...]:
        """Open cases this staff member was paged for or has, oldest first."""
        found = [self.case(case_id) for case_id in sorted(self.members(keys.staff_cases(staff_id)))]
        return tuple(sorted((case for case in found if case), key=lambda case: case.opened_at))

    def next_code_number(self) -> int:
        """A number no case ever had; drawn at once, so a decision that is run again leaves a gap, which is harmless."""
        return self.draw(keys.CODES)

    def put_case(self, case: Case, lines: Sequence[Line], wake_at: datetime | None) -> None:
        """Keep the case, its timeline and its place in the due index.

        `wake_at` is None only for a closed case with nothing left to tell.
        """
        member = keys.case_member(case.id)
        self.put(keys.case(case.id), case.to_json(), self.retention.closed_case if case.closed else None)
        self.belongs(case.caller_key, keys.case(case.id), keys.timeline(case.id), keys.words(case.id))
        self.belongs(case.caller_key, keys.code(case.code), keys.cases_of(case.caller_key))
        self.send("ZREM", keys.RUNG, member)
        self.send("INCR", keys.BOARD)
        self._count_case(case, lines)
        if lines:
            self.send("RPUSH", keys.timeline(case.id), *(self._vault.seal(to_plain(line)) for line in lines))
        if wake_at is None:
            self.forget_timer(member)
        else:
            self.wake(member, wake_at)
        self._index_closed(case) if case.closed else self._index_open(case)

    def _count_case(self, case: Case, lines: Sequence[Line]) -> None:
        self._measure(case, lines)
        for field, by in metrics.of_case(case, lines):
            self.raise_metric(field, by)
        if any(line.what is LineKind.CLOSED for line in lines):
            count = f"{case.urgency.word}:{case.outcome or ''}"
            self.send("HINCRBY", keys.outcomes(f"{case.closed_at:%Y-%m}"), count, 1)

    def _index_open(self, case: Case) -> None:
        if not case.synthetic:
            self.send("ZADD", keys.OPEN, milliseconds(case.opened_at), case.id)
        self._note_bridge(case)
        self._note_hold(case)
        self.put(keys.case_of(case.caller_key), case.id, None)
        self.put(keys.code(case.code), case.id, None)
        for staff_id in _staff_of(case):
            self.send("SADD", keys.staff_cases(staff_id), case.id)

    def _index_closed(self, case: Case) -> None:
        kept = seconds(self.retention.closed_case)
        self.send("ZREM", keys.OPEN, case.id)
        self.send("HDEL", keys.BRIDGED, case.id)
        self.send("ZREM", keys.HOLDING, case.id)
        self.delete(keys.case_of(case.caller_key))
        self.send("SADD", keys.cases_of(case.caller_key), case.id)
        for name in (keys.code(case.code), keys.timeline(case.id), keys.cases_of(case.caller_key)):
            self.send("EXPIRE", name, kept)
        for staff_id in _staff_of(case):
            self.send("SREM", keys.staff_cases(staff_id), case.id)

    def _note_bridge(self, case: Case) -> None:
        """Whoever talks for one case is not paged for another."""
        if case.bridge is not None and (case.bridge.staff_in or case.bridge.staff_call) and case.owner is not None:
            self.send("HSET", keys.BRIDGED, case.id, case.owner)
        else:
            self.send("HDEL", keys.BRIDGED, case.id)

    def _note_hold(self, case: Case) -> None:
        place = rank(case)
        if place is None:
            self.send("ZREM", keys.HOLDING, case.id)
        else:
            group, since = place
            self.send("ZADD", keys.HOLDING, group * RANK_STEP + milliseconds(since), case.id)

    def say(self, case_id: str, spoken: Spoken) -> None:
        """Keep what was said while a case is open."""
        self.append(keys.words(case_id), spoken.to_json(), self.retention.free_text)
        self.send("INCR", keys.BOARD)

    def put_voicemail(self, recording: str, case_id: str, sound: bytes) -> None:
        """Keep a spoken message of a case, sealed."""
        name, ttl = keys.voicemails_of(case_id), seconds(self.retention.voicemail)
        self.send("SET", keys.voicemail(recording), self._vault.seal_bytes(sound), "EX", ttl)
        self.send("LREM", name, 0, recording)
        self.send("RPUSH", name, recording)
        self.send("EXPIRE", name, ttl)

    def drop_voicemail(self, recording: str, case_id: str) -> None:
        """Forget a spoken message, whether it was fetched or not yet."""
        self.forget_timer(keys.recording_member(recording, case_id))
        self.put(keys.unwanted(recording), True, UNWANTED_FOR)
        self.delete(keys.voicemail(recording))
        self.send("LREM", keys.voicemails_of(case_id), 0, recording)

    def mark_told(self, about: str) -> None:
        """The supervisors have been told of this; kept long enough that it is not told again the same day."""
        self.put(keys.told(about), about, timedelta(days=2))


def _staff_of(case: Case) -> frozenset[str]:
    owner = () if case.owner is None else (case.owner,)
    return frozenset((*case.tried, *owner, *(page.staff_id for page in case.pages if page.staff_id)))
