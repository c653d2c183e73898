"""The ledger by the clock: contacts whose time ran out end, what breaks the rule is told, and once a day the sum."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from flows import ledger
from flows.case import Case
from flows.events import Channel
from flows.ledger import Contact, Gap, GapKind, Tally
from flows.step import Prompt
from helpline.content.live import LiveContent
from helpline.counting import counted_leaving
from helpline.staff.roster_source import RosterSource
from helpline.store import Letter, LetterKind, RedisStore, Transaction, keys

log = structlog.get_logger()

DAY = timedelta(days=1)
BROKEN = frozenset({GapKind.NO_OWNER, GapKind.CASE_GONE, GapKind.RECORD_GONE})
"""Gaps that no case raises an alarm for by itself: somebody could be forgotten."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and checks the ledger; turns and cases write it (`Conversations`, `Dispatch`)."""

    store: RedisStore
    content: LiveContent
    roster: RosterSource
    clock: Callable[[], datetime]

    def day(self, since: datetime) -> tuple[Contact, ...]:
        """Contacts that began since then, in the order they came, ended or not."""
        ended = self.store.ended_contacts(since)
        still = (contact for _, contact in self.store.open_contacts() if contact is not None)
        return tuple(sorted((c for c in (*ended, *still) if c.began_at >= since), key=lambda c: c.began_at))

    def one(self, contact_id: str) -> Contact | None:
        """A contact by its id, or the open one of a conversation by that one's."""
        still = dict(self.store.open_contacts())
        if contact_id in still:
            return still[contact_id]
        found = (contact for contact in still.values() if contact is not None and contact.id == contact_id)
        return next(found, None) or self.store.ended_contact(contact_id)

    def gaps(self) -> tuple[Gap, ...]:
        """Every open contact without an owner and a due time, or past it."""
        return tuple(self._gaps(self.clock()))

    def tally(self, since: datetime) -> Tally:
        """The sum of what came since then."""
        return ledger.tally(self.day(since), self.gaps())

    def check(self) -> tuple[Gap, ...]:
        """End what has lapsed, mend what can be mended, tell what breaks the rule; gives what is left."""
        now = self.clock()
        for session_id, contact in self.store.open_contacts():
            if contact is not None and self._settled(contact, self._case(contact.case_id), now) is not contact:
                self._settle(session_id, now)
        self.store.forget_ended_contacts(now - self.store.retention.contact)
        found = tuple(self._gaps(now))
        broken = [one for one in found if one.kind in BROKEN]
        for one in broken:
            log.error("contact_gap", key=one.contact_id, kind=one.kind.value)
        if broken:
            today = tuple(f"gap-{now:%Y%m%d}-{_short(one.contact_id)}" for one in broken)
            self._tell("gap_in_ledger", today, {"count": str(len(broken))}, now)
        return found

    def summary(self) -> None:
        """Tell the supervisors how the last day added up."""
        now = self.clock()
        self.tell_supervisors("ledger_summary", f"summary-{now:%Y%m%d}", facts(self.tally(now - DAY)), now)

    # -- parts --------------------------------------------------------------------------------------------------

    def _settle(self, session_id: str, now: datetime) -> None:
        def decide(tx: Transaction) -> None:
            contact = tx.contact(session_id)
            if contact is not None:
                case = tx.case(contact.case_id) if contact.case_id else None
                after = self._settled(contact, case, now)
                tx.put_contact(after)
                session = tx.session(session_id)
                tx.count(now, *counted_leaving(after, session.node if session else ""))

        self.store.transact(decide)

    def _settled(self, contact: Contact, case: Case | None, now: datetime) -> Contact:
        after = contact if case is None or not case.closed else ledger.after_case(contact, case)
        return ledger.lapsed(after, now)

    def _gaps(self, now: datetime) -> Iterator[Gap]:
        for session_id, contact in self.store.open_contacts():
            if contact is None:
                yield Gap(session_id, GapKind.RECORD_GONE)
            elif (found := ledger.gap(contact, self._case, now)) is not None:
                yield found

    def _case(self, case_id: str) -> Case | None:
        return self.store.case(case_id) if case_id else None

    def tell_supervisors(self, message: str, about: str, params: dict[str, str], now: datetime) -> None:
        """One text to each supervisor; the same again on the same day does nothing."""
        self._tell(message, (about,), params, now)

    def _tell(self, message: str, about: tuple[str, ...], params: dict[str, str], now: datetime) -> None:
        """One text to each supervisor about one or more things, unless they were told of every one of them today."""
        roster = self.roster.now()
        people = [found for one in roster.supervisors if (found := roster.staff_member(one)) is not None]

        def decide(tx: Transaction) -> None:
            known = tx.read(*map(keys.told, about))
            fresh = [one for one, told in zip(about, known, strict=True) if told is None]
            if not fresh:
                return
            for one in fresh:
                tx.mark_told(one)
            for person in people:
                prompt = Prompt(message, person.languages[0], params)
                body = self.content.catalogue.text(prompt, Channel.SMS)
                name = f"{fresh[0]}-{person.id}"
                tx.post_letter(
                    Letter(id=name, kind=LetterKind.NOTICE, to=person.phone, text=body, until=now + DAY), now
                )

        self.store.transact(decide)


def _short(contact_id: str) -> str:
    """A name of a contact that says nothing of who it is."""
    return sha256(contact_id.encode()).hexdigest()[:16]


def facts(tally: Tally) -> dict[str, str]:
    """The sum in the words of the daily text: counts only, nothing about anybody."""
    ended = dict(tally.ended)
    by_staff = sum(ended.get(ledger.Ending(outcome.value), 0) for outcome in ledger.BY_STAFF)
    return {
        "came": str(tally.came),
        "staff": str(by_staff),
        "out": str(ended.get(ledger.Ending.OPTED_OUT, 0)),
        "bot": str(sum(ended.values()) - by_staff - ended.get(ledger.Ending.OPTED_OUT, 0)),
        "open": str(sum(count for _, count in tally.owed)),
        "missed": str(tally.missed),
        "gaps": str(tally.gaps),
    }
