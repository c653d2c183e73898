"""Sends letters: durable texts and calls that belong to no page of a case, such as sign-in codes and chat.

A letter is written down and rung for in the transaction that makes it true (`Transaction.post_letter`), so "sent" is
never said of something that could be lost. It is leased before it is sent; a lost answer is followed by at most one
more request, because a text twice is better than none and three times is not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from flows import handling, ledger
from flows.ledger import Ending
from flows.roster import Contact
from helpline.channels.voice import Addresses
from helpline.gateway.rest import Callbacks, Gateway, Refused, Unavailable, Uncertain
from helpline.paging.dispatch import Dispatch
from helpline.store import RedisStore, Transaction, keys
from helpline.store.letter import Letter

log = structlog.get_logger()

LEASE = timedelta(seconds=20)
MOST_REQUESTS = 2
RING_FOR = timedelta(seconds=25)


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
        letter = self.store.transact(lambda tx: self._hold(tx, letter_id))
        if letter is None:
            return
        try:
            self._send(letter)
        except Refused as fault:
            self._end(letter, f"refused_{fault.code}")
        except Unavailable as fault:
            again = self.clock() + fault.retry_after
            self.store.transact(lambda tx: _put(tx, replace(letter, requests=letter.requests - 1), again))
        except Uncertain:
            self.store.transact(lambda tx: _put(tx, letter, self.clock() + timedelta(seconds=1)))
        else:
            self._end(letter, "")

    def letter(self, letter_id: str) -> Letter | None:
        """A letter that is not done yet, for the call that says it."""
        return self.store.transact(lambda tx: tx.letter(letter_id))

    def _hold(self, tx: Transaction, letter_id: str) -> Letter | None:
        letter, now = tx.letter(letter_id), self.clock()
        if letter is None or letter.sent:
            tx.forget_timer(keys.letter_member(letter_id))
            return None
        if letter.held_until is not None and letter.held_until > now:
            tx.wake(keys.letter_member(letter_id), letter.held_until)
            return None
        if now > letter.until or letter.requests >= MOST_REQUESTS:
            self._undelivered(tx, letter, "too_late" if now > letter.until else "no_answer")
            return None
        held = replace(letter, held_until=now + LEASE, requests=letter.requests + 1)
        tx.put_letter(held, now + LEASE)
        return held

    def _send(self, letter: Letter) -> None:
        ids = {"l": letter.id}
        if letter.by is Contact.SMS:
            self.gateway.text(letter.to, letter.text, Callbacks(self.addresses.of("status/notice", ids)))
        else:
            answer = self.addresses.of("letter", ids)
            self.gateway.ring(letter.to, Callbacks(self.addresses.of("status/notice", ids), answer), ring_for=RING_FOR)

    def _end(self, letter: Letter, fault: str) -> None:
        """The letter is done. One that is said in a call stays readable until it is too old."""

        def decide(tx: Transaction) -> None:
            if fault:
                self._undelivered(tx, letter, fault)
                return
            tx.forget_timer(keys.letter_member(letter.id))
            if letter.by is Contact.SMS:
                tx.delete(keys.letter(letter.id))
            else:
                tx.keep_letter(replace(letter, sent=True), self.clock())
            _settle(tx, letter, Ending.TOLD, self.clock())
            tx.audit("letter_sent", kind=letter.kind.value, letter=letter.id, case=letter.case_id)

        self.store.transact(decide)
        log.info("letter_done", kind=letter.kind.value, message=letter.id, fault=fault)

    def _undelivered(self, tx: Transaction, letter: Letter, why: str) -> None:
        tx.forget_timer(keys.letter_member(letter.id))
        tx.delete(keys.letter(letter.id))
        _settle(tx, letter, Ending.NO_WAY_BACK, self.clock())
        tx.audit("letter_failed", kind=letter.kind.value, letter=letter.id, case=letter.case_id, why=why)
        case = tx.case(letter.case_id) if letter.case_id else None
        if case is not None:
            said = f"A text could not be sent ({letter.kind.value}: {why.replace('_', ' ')})."
            self.dispatch.write(tx, case, handling.note(case, "", said, self.clock()))


def _settle(tx: Transaction, letter: Letter, ending: Ending, now: datetime) -> None:
    """End the contact in the ledger that was owed nothing but this letter."""
    contact = tx.contact(letter.settles) if letter.settles else None
    if contact is not None:
        tx.put_contact(ledger.ended(contact, ending, now))


def _put(tx: Transaction, letter: Letter, again: datetime) -> None:
    tx.put_letter(replace(letter, held_until=None), again)
