"""Sends letters: durable texts and calls that belong to no page of a case, such as sign-in codes and chat.

A letter is written down and rung for in the transaction that makes it true (`Transaction.post_letter`), so "sent" is
never said of something that could be lost. It is leased before it is sent. When a worker died with it or an answer was
lost, the carrier is asked whether it has the letter before it is sent again; and there are two requests at most, for a
text twice is better than none and three times is not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from flows import chatting, ledger
from flows.case import Case, Line, LineKind
from flows.ledger import Ending
from flows.notices import finished
from flows.roster import Contact
from helpline.channels.voice import Addresses
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.rest import Callbacks, Gateway
from helpline.paging.dispatch import Dispatch, Transition
from helpline.store import RedisStore, Transaction, keys
from helpline.store.letter import Letter, LetterKind

log = structlog.get_logger()

LEASE = timedelta(seconds=20)
MOST_REQUESTS = 2
PASSED_ON = frozenset({LetterKind.CHAT, LetterKind.RELAY})
"""Words of one human to another, who waits for an answer: that they did not arrive is told to who wrote them."""

SHORTEST_LIFE, LONGEST_LIFE = timedelta(seconds=10), timedelta(hours=10)
"""How long a text may wait at the carrier (Twilio docs, ValidityPeriod: to 36 000 s, no less than 5 advised)."""

RING_FOR = timedelta(seconds=25)
LOOK_BACK = timedelta(seconds=5)  # before the first request, for clocks that differ
LOOK_AGAIN = timedelta(seconds=5)  # a text that was just taken may not stand in the carrier's list yet


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Carries letters to the carrier."""

    store: RedisStore
    dispatch: Dispatch
    gateway: Gateway
    addresses: Addresses
    clock: Callable[[], datetime]

    def deliver(self, letter_id: str) -> None:
        """Send one letter if it is there, not held by another worker and not too old; harmless at any time."""
        now = self.clock()
        before = self.store.transact(lambda tx: self._hold(tx, letter_id, now))
        if before is None:
            return
        letter = _asked(before, now) if before.asked_at is None else self._again(before)
        if letter is not None:
            self._request(letter)

    def _request(self, letter: Letter) -> None:
        try:
            sid = self._send(letter)
        except Refused as fault:
            self._end(letter, f"refused_{fault.code}")
        except Unavailable as fault:
            first = letter.asked_at if letter.requests > 1 else None
            back = replace(letter, requests=letter.requests - 1, asked_at=first)
            again = self.clock() + fault.retry_after
            self.store.transact(lambda tx: _put(tx, back, again))
        except Uncertain:
            self.store.transact(lambda tx: _put(tx, letter, self.clock() + LOOK_AGAIN))
        else:
            self._end(letter, "", sid)

    def not_delivered(self, letter_id: str, why: str) -> None:
        """The carrier says that a text did not arrive; told once to whoever wrote it to somebody else."""

        def decide(tx: Transaction) -> None:
            letter = tx.letter(letter_id)
            if letter is not None and letter.kind in PASSED_ON:
                self._undelivered(tx, letter, why)

        self.store.transact(decide)

    def letter(self, letter_id: str) -> Letter | None:
        """A letter that is not done yet, for the call that says it."""
        return self.store.transact(lambda tx: tx.letter(letter_id))

    def _hold(self, tx: Transaction, letter_id: str, now: datetime) -> Letter | None:
        """Lease a letter; gives it as it was before."""
        letter = tx.letter(letter_id)
        if letter is None or letter.sent:
            tx.forget_timer(keys.letter_member(letter_id))
            return None
        if letter.held_until is not None and letter.held_until > now:
            tx.wake(keys.letter_member(letter_id), letter.held_until)
            return None
        if letter.asked_at is not None:
            tx.put_letter(replace(letter, held_until=now + LEASE), now + LEASE)
            return letter
        if now > letter.until:
            self._undelivered(tx, letter, "too_late")
            return None
        tx.put_letter(_asked(letter, now), now + LEASE)
        return letter

    def _again(self, letter: Letter) -> Letter | None:
        """A letter that may have been sent: ended if the carrier has it, else counted once more, if it may be."""
        try:
            sids = self._at_the_carrier(letter)
        except (Refused, Unavailable, Uncertain) as fault:
            log.warning("letter_not_looked_up", message=letter.id, fault=type(fault).__name__)
            self.store.transact(lambda tx: _put(tx, letter, self.clock() + LOOK_AGAIN))
            return None

        def decide(tx: Transaction) -> Letter | None:
            known = tx.letter_of(*sids)
            mine = next((sid for sid in sids if known[sid] in {None, letter.id}), "")
            if mine:
                self._sent(tx, letter, mine)
                return None
            now = self.clock()
            if letter.requests >= MOST_REQUESTS or now > letter.until:
                self._undelivered(tx, letter, "no_answer")
                return None
            tx.put_letter(_asked(letter, now), now + LEASE)
            return _asked(letter, now)

        return self.store.transact(decide)

    def _at_the_carrier(self, letter: Letter) -> tuple[str, ...]:
        """The texts of these words, or calls, that the carrier has to this number since it was first asked."""
        since = (letter.asked_at or self.clock()) - LOOK_BACK
        if letter.by is Contact.SMS:
            texts = self.gateway.find_texts(letter.to, since)
            return tuple(str(row["sid"]) for row in texts if row["body"] == letter.text)
        pages = {sid for case in self.store.open_cases() for page in case.pages for sid in page.sids}
        calls = self.gateway.find_calls(letter.to, since)
        return tuple(str(row["sid"]) for row in calls if row["sid"] not in pages)

    def _send(self, letter: Letter) -> str:
        ids = {"l": letter.id}
        status = self.addresses.of("status/notice", ids)
        if letter.by is Contact.SMS:
            valid_for = max(letter.until - self.clock(), SHORTEST_LIFE)
            return self.gateway.text(letter.to, letter.text, Callbacks(status), valid_for=min(valid_for, LONGEST_LIFE))
        answer = self.addresses.of("letter", ids)
        return self.gateway.ring(letter.to, Callbacks(status, answer), ring_for=RING_FOR)

    def _end(self, letter: Letter, fault: str, sid: str = "") -> None:
        """The letter is done."""

        def decide(tx: Transaction) -> None:
            if fault:
                self._undelivered(tx, letter, fault)
            else:
                self._sent(tx, letter, sid)

        self.store.transact(decide)
        log.info("letter_done", kind=letter.kind.value, message=letter.id, fault=fault)

    def _sent(self, tx: Transaction, letter: Letter, sid: str) -> None:
        """The carrier has it. One that is said in a call, or whose writer waits for an answer, is kept a while."""
        tx.forget_timer(keys.letter_member(letter.id))
        tx.put_sent(sid, letter.id)
        if tx.letter(letter.id) is None:
            return  # the report that it did not arrive was here first
        if letter.by is Contact.SMS and letter.kind not in PASSED_ON:
            tx.delete(keys.letter(letter.id))
        else:
            tx.keep_letter(replace(letter, sent=True), self.clock())
        _settle(tx, letter, Ending.TOLD, self.clock())
        tx.audit("letter_sent", kind=letter.kind.value, letter=letter.id, case=letter.case_id)

    def _undelivered(self, tx: Transaction, letter: Letter, why: str) -> None:
        tx.forget_timer(keys.letter_member(letter.id))
        tx.delete(keys.letter(letter.id))
        _settle(tx, letter, Ending.NO_WAY_BACK, self.clock())
        tx.audit("letter_failed", kind=letter.kind.value, letter=letter.id, case=letter.case_id, why=why)
        case = tx.case(letter.case_id) if letter.case_id else None
        if case is not None:
            self.dispatch.write(tx, case, _missed(case, letter, why, self.clock()))


def _missed(case: Case, letter: Letter, why: str, now: datetime) -> Transition:
    """The case of a letter that did not arrive; whoever wrote it to somebody else is told."""
    said = f"A text did not arrive ({letter.kind.value}: {why.replace('_', ' ')})."
    line = Line(now, LineKind.NOTE, "", {"text": said})
    match letter.kind:
        case LetterKind.CHAT:
            return chatting.text_failed(case, line, now, first=letter.first)
        case LetterKind.RELAY:
            return chatting.words_lost(case, line, now)
        case _:
            return finished(case, line)


def _settle(tx: Transaction, letter: Letter, ending: Ending, now: datetime) -> None:
    """End the contact in the ledger that was owed nothing but this letter."""
    contact = tx.contact(letter.settles) if letter.settles else None
    if contact is not None:
        tx.put_contact(ledger.ended(contact, ending, now))


def _asked(letter: Letter, now: datetime) -> Letter:
    """The letter with one request more, held by whoever makes it."""
    return replace(letter, held_until=now + LEASE, requests=letter.requests + 1, asked_at=letter.asked_at or now)


def _put(tx: Transaction, letter: Letter, again: datetime) -> None:
    tx.put_letter(replace(letter, held_until=None), again)
