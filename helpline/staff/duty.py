"""What staff ask of the roster by text: out for a while, back again, who is on, which cases are open, no more texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from flows.case import Case
from flows.folding import MOST_SHOWN
from flows.roster import (
    Gap,
    Override,
    OverrideKind,
    Roster,
    Staff,
    gap_text,
    gaps,
    next_change,
    on_call,
    with_overrides,
)
from flows.staff_words import Help, Off, On, Show, Stop, Who
from flows.step import Prompt
from helpline.paging.wording import Wording
from helpline.staff.roster_source import RosterSource
from helpline.store import Letter, LetterKind, RedisStore, Transaction, keys

DutyWord = Off | On | Who | Stop | Show | Help
LOOK_AHEAD = timedelta(days=14)
ALARM_COUNTS_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class StaffDuty:
    """Answers them."""

    store: RedisStore
    roster: RosterSource
    wording: Wording
    clock: Callable[[], datetime]

    def answer(self, tx: Transaction, staff: Staff, word: DutyWord) -> tuple[Prompt, ...]:
        """What a word about duty changes, and the answer to it."""
        match word:
            case Off(duration):
                return self._off(tx, staff, duration)
            case On():
                return self._on(tx, staff)
            case Who():
                return (self._who(staff),)
            case Show():
                return (self._open_cases(tx, staff),)
            case Help():
                return (_prompt("staff_help", staff),)
            case Stop():
                return self._stopped(tx, staff)
            case _ as never:
                assert_never(never)

    def colleague(self, staff: Staff, name: str) -> Staff | None:
        """The one other person of this id, full or first name."""
        said = name.strip().casefold()
        others = [one for one in self.roster.now().staff if one.id != staff.id]
        exact = [one for one in others if said in {one.id.casefold(), one.name.casefold()}]
        by_first_name = [one for one in others if said == one.first_name.casefold()]
        return next((found[0] for found in (exact, by_first_name) if len(found) == 1), None)

    def _off(self, tx: Transaction, staff: Staff, duration: timedelta | None) -> tuple[Prompt, ...]:
        if duration is None:
            return (_prompt("off_how_long", staff),)
        now = self.clock()
        out = Override(id=_off_id(staff), kind=OverrideKind.OUT, who=staff.id, start=now, end=now + duration)
        tx.put_override(out)
        tx.audit("staff_off", staff=staff.id, until=out.end.isoformat())
        said = _prompt("off_until", staff, until=_local(out.end, staff))
        left = _uncovered(self.roster.now(), out)
        if not left:
            return (said,)
        self._alarm_gap(tx, left[0])
        return said, _prompt("off_gap", staff, list=left[0].list_name)

    def _on(self, tx: Transaction, staff: Staff) -> tuple[Prompt, ...]:
        tx.drop_override(_off_id(staff))
        tx.set_calls_only(staff.id, on=False)
        for phone in staff.phones:
            tx.put_opted_out(self.store.vault.caller_key(phone), self.clock(), out=False)
        tx.audit("staff_on", staff=staff.id)
        return (_prompt("on_again", staff),)

    def _who(self, staff: Staff) -> Prompt:
        roster, now = self.roster.now(), self.clock()
        parts = []
        for one in roster.lists:
            names = ", ".join(person.first_name for person in roster.staff_in_order(on_call(roster, now, one.name)))
            change = next_change(roster, now, one.name)
            until = f" > {_local(change, staff)}" if change else ""
            parts.append(f"{one.name}: {names or '-'}{until}")
        return Prompt("who_now", staff.languages[0], {"staff": "; ".join(parts)})

    def _open_cases(self, tx: Transaction, staff: Staff) -> Prompt:
        """What is open; a case that this phone was shown may then be taken by it (`shown_to`)."""
        cases = sorted(self.store.open_cases(), key=lambda case: (-case.urgency, -case.opened_at.timestamp()))
        if not cases:
            return _prompt("staff_list_empty", staff)
        for case in cases[:MOST_SHOWN]:
            tx.mark_told(shown_to(staff, case))
        shown = ", ".join(self._named(case) for case in cases[:MOST_SHOWN])
        return _prompt("staff_list", staff, cases=shown, count=str(len(cases)))

    def _named(self, case: Case) -> str:
        who = f" {self.wording.name(case.owner)}" if case.owner else ""
        return f"{case.code} {case.urgency.word.upper()}{who}"

    def _stopped(self, tx: Transaction, staff: Staff) -> tuple[Prompt, ...]:
        """The carrier sends this phone nothing more, so calls only; somebody must talk to them."""
        tx.set_calls_only(staff.id, on=True)
        tx.audit("staff_stopped_texts", staff=staff.id)
        self.alarm(tx, f"stopped-{staff.id}", "staff_stopped", {"helper": staff.first_name}, but=staff)
        return (_prompt("stopped_you", staff),)

    def tell_gaps(self) -> None:
        """Tell each supervisor, in their own time, when nobody is on call in the next two weeks; once a day."""
        roster, now = self.roster.now(), self.clock()
        found = gaps(roster, now, now + LOOK_AHEAD)
        today = f"gaps-{now:%Y%m%d}"
        if not found:
            return

        def decide(tx: Transaction) -> None:
            (told,) = tx.read(keys.told(today))
            if told is not None:
                return
            tx.mark_told(today)
            for reader in self._supervisors():
                if text := gap_text(found, reader):
                    self._letter(tx, reader, today, text)

        self.store.transact(decide)

    def _alarm_gap(self, tx: Transaction, gap: Gap) -> None:
        for reader in self._supervisors():
            params = {"list": gap.list_name, "from": _local(gap.start, reader), "until": _local(gap.end, reader)}
            self._write(tx, reader, f"gap-{gap.list_name}-{gap.start:%Y%m%d%H%M}", "gap_alarm", params)

    def alarm(
        self, tx: Transaction, name: str, message: str, params: dict[str, str], *, but: Staff | None = None
    ) -> None:
        """Tell every supervisor something about the line that belongs to no case."""
        for reader in self._supervisors():
            if but is None or reader.id != but.id:
                self._write(tx, reader, name, message, params)

    def _supervisors(self) -> tuple[Staff, ...]:
        roster = self.roster.now()
        return roster.staff_in_order(roster.supervisors)

    def _write(self, tx: Transaction, reader: Staff, name: str, message: str, params: dict[str, str]) -> None:
        self._letter(tx, reader, name, self.wording.text(message, reader.languages[0], params))

    def _letter(self, tx: Transaction, reader: Staff, name: str, text: str) -> None:
        now = self.clock()
        letter_id = f"alarm-{name}-{reader.id}-{int(now.timestamp())}"
        tx.post_letter(
            Letter(id=letter_id, kind=LetterKind.ALARM, to=reader.phone, text=text, until=now + ALARM_COUNTS_FOR), now
        )


def _uncovered(roster: Roster, out: Override) -> Sequence[Gap]:
    """The gaps that an absence makes in lists that must always be covered."""
    before = set(gaps(roster, out.start, out.end))
    return [gap for gap in gaps(with_overrides(roster, (out,)), out.start, out.end) if gap not in before]


def _off_id(staff: Staff) -> str:
    return f"off-{staff.id}"


def _local(moment: datetime, reader: Staff) -> str:
    return f"{moment.astimezone(reader.zone):%a %d %b %H:%M}"


def shown_to(staff: Staff, case: Case) -> str:
    """What is remembered of a code that was sent to a staff phone by LIST, and not by a page."""
    return f"shown-{staff.id}-{case.code}"


def _prompt(message: str, staff: Staff, **params: str) -> Prompt:
    return Prompt(message, staff.languages[0], params)
