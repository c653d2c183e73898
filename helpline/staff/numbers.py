"""Staff numbers count once a code showed that they reach the right phone: a typing error would page a stranger."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.events import Answered
from flows.roster import Contact, Staff
from flows.step import Prompt
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.paging.wording import Wording
from helpline.staff.roster_source import RosterSource
from helpline.store import Letter, LetterKind, RedisStore, Transaction, keys

COUNTS_FOR = timedelta(minutes=15)
LENGTH = 6
MOST_TRIES = 5  # of one code: six digits cannot be guessed in so few


@dataclass(frozen=True, slots=True)
class StaffNumbers:
    """Sends codes and takes them back."""

    store: RedisStore
    roster: RosterSource
    wording: Wording
    clock: Callable[[], datetime]

    def send_code(self, staff: Staff, number: str) -> str:
        """Have a code sent to this number: by text, to be replied, or said in a call. Gives the letter's id."""
        code = f"{secrets.randbelow(10**LENGTH):0{LENGTH}d}"
        by = Contact.SMS if Contact.SMS in staff.contact else Contact.CALL
        prompt = Prompt("number_code", staff.languages[0], {"code": code})
        now = self.clock()
        letter = Letter(
            id=f"number-{secrets.token_hex(8)}",
            kind=LetterKind.CONFIRM,
            to=number,
            text=self.wording.said(prompt, by),
            until=now + COUNTS_FOR,
            language=staff.languages[0],
            by=by,
        )

        def decide(tx: Transaction) -> None:
            tx.keep(keys.number_code(self._key(number)), {"code": code, "tries": 0}, COUNTS_FOR)
            tx.post_letter(letter, now)
            tx.audit("number_code_sent", staff=staff.id)

        self.store.transact(decide)
        return letter.id

    def confirmed(self, number: str, message: Arrival) -> str | None:
        """The TwiML that thanks for the right code; None when no code was awaited from this number or it is wrong."""
        owner = self.roster.owner_of(number)
        assert isinstance(message.event, Answered)  # noqa: S101 - a text is nothing else
        if owner is None or not self.take(owner, number, message.event.text):
            return None
        prompt = Prompt("number_verified", owner.languages[0], {})
        return sms.twiml((self.wording.said(prompt, Contact.SMS),))

    def take(self, staff: Staff, number: str, typed: str) -> bool:
        """Whether this is the code sent to the number, which then counts."""
        digits = _digits(typed)
        if len(digits) != LENGTH:
            return False
        name = keys.number_code(self._key(number))

        def decide(tx: Transaction) -> bool:
            (kept,) = tx.read(name)
            if kept is None or kept["tries"] >= MOST_TRIES:
                return False
            if not secrets.compare_digest(kept["code"], digits):
                tx.keep(name, {**kept, "tries": kept["tries"] + 1}, COUNTS_FOR)
                return False
            tx.delete(name)
            tx.set_verified(self._key(number))
            tx.audit("number_verified", staff=staff.id)
            return True

        return self.store.transact(decide)

    def _key(self, number: str) -> str:
        return self.store.vault.caller_key(number)


def _digits(typed: str) -> str:
    """The digits of any script as 0 to 9, which alone can be compared in constant time (hmac.compare_digest)."""
    return "".join(str(int(letter)) for letter in typed if letter.isdecimal())
