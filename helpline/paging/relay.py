"""Words between a caller who writes and the staff member who has the case: both see the helpline's number only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows import bridging, handling
from flows.case import Case, Reason, Refused
from flows.codes import is_code
from flows.handling import Transition
from flows.roster import Staff
from helpline.staff.roster_source import RosterSource
from helpline.store import Letter, LetterKind, Transaction

STALE_AFTER = timedelta(minutes=10)  # words that late may no longer mean what they meant


@dataclass(frozen=True, slots=True)
class Relays:
    """Passes words on."""

    roster: RosterSource
    clock: Callable[[], datetime]

    def meant(self, cases: tuple[Case, ...], text: str) -> tuple[Case | None, str]:
        """Which of a staff member's cases a text is for, and the words; the code before them says it if need be."""
        code, said = _code_before(text)
        named = next((case for case in cases if case.code == code), None)
        if named is not None and said:
            return named, said
        return (cases[0], text) if len(cases) == 1 else (None, text)

    def to_caller(self, tx: Transaction, case: Case, staff: Staff, text: str, event: str) -> Transition:
        """The case once the owner's words are on their way to the caller, or why they cannot be."""
        now = self.clock()
        caller = tx.caller(case.caller_key)
        if caller is None or caller.number is None or caller.opted_out:
            return Refused(Reason.NO_TEXTS)
        changed = bridging.relayed(case, staff.id, now)
        if isinstance(changed, Refused):
            return changed
        noted = handling.note(changed[0], staff.id, text, now)
        tx.post_letter(
            Letter(
                id=f"chat-{event}",
                kind=LetterKind.CHAT,
                to=caller.number,
                text=text,
                until=now + STALE_AFTER,
                language=case.language,
                case_id=case.id,
                first=case.contact_at is None,
            ),
            now,
        )
        return noted if isinstance(noted, Refused) else (noted[0], (*changed[1], *noted[1]))

    def to_owner(self, tx: Transaction, case: Case | None, text: str, event: str) -> None:
        """Send the caller's words to the phone of whoever has the case, under its code when they have several.

        Whoever writes from the console reads them there.
        """
        if case is None or case.chat or case.owner is None:
            return
        owner = self.roster.now().staff_member(case.owner)
        if owner is None:
            return
        theirs = [one for one in tx.cases_of_staff(owner.id) if one.owner == owner.id]
        now = self.clock()
        tx.post_letter(
            Letter(
                id=f"relay-{event}",
                kind=LetterKind.RELAY,
                to=owner.phone,
                text=f"{case.code}: {text}" if len(theirs) > 1 else text,
                until=now + STALE_AFTER,
                language=owner.languages[0],
                case_id=case.id,
            ),
            now,
        )


def _code_before(text: str) -> tuple[str, str]:
    """The code at the beginning of a text and what follows it; empty where there is none."""
    first, _, rest = text.strip().partition(" ")
    code = "".join(letter for letter in first.upper() if letter.isalnum())
    return (code, rest.strip()) if is_code(code) else ("", text)
