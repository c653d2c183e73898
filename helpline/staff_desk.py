"""Texts from staff phones: taking a case, passing it by, saying how it ended. What is answered is already written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from flows import claims, handling
from flows.case import Case, ClaimVia, Outcome, Refused
from flows.claims import AlreadyClosed, Claimed, ClaimResult, StaleCode, TakenBy
from flows.events import Answered
from flows.roster import Staff
from flows.staff_words import Claim, Done, Pass, StaffWord, parse
from flows.step import Prompt
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.dispatch import Dispatch
from helpline.live_content import LiveContent
from helpline.store import RedisStore, Transaction

OUTCOMES = MappingProxyType(
    {
        1: Outcome.HANDED_OVER,
        2: Outcome.REACHED_ELSEWHERE,
        3: Outcome.TRANSFERRED_911_988,
        4: Outcome.UNREACHABLE,
    }
)
"""The number a staff member gives, by text or key, for how a case ended."""


@dataclass(frozen=True, slots=True)
class StaffDesk:
    """Answers staff."""

    store: RedisStore
    dispatch: Dispatch
    content: LiveContent
    first_name: Callable[[str], str]
    clock: Callable[[], datetime]

    def text(self, staff: Staff, message: Arrival) -> str | None:
        """The TwiML that answers a staff member; None when their words are no command and no case of theirs is open."""
        assert isinstance(message.event, Answered)  # noqa: S101 - `arrival.text_message` makes nothing else
        words = parse(message.event.text)

        def decide(tx: Transaction) -> str | None:
            given = tx.reply_to(message.event_key)
            if given is not None:
                return given
            prompt = self._answer(tx, staff, words)
            if prompt is None:
                return None
            answer = sms.twiml(sms.texts((prompt,), self.content.catalogue))
            tx.remember_reply(message.event_key, answer)
            tx.saw(message.event_key, message.event.at)
            return answer

        return self.store.transact(decide)

    def _answer(self, tx: Transaction, staff: Staff, words: StaffWord) -> Prompt | None:
        match words:
            case Claim(code):
                return self._about(tx, staff, code, self._take)
            case Pass(code):
                return self._about(tx, staff, code, self._pass)
            case Done(code, chosen):
                return self._about(tx, staff, code, lambda t, s, c: self._done(t, s, c, OUTCOMES[chosen]))
            case _ if tx.cases_of_staff(staff.id):
                return self._prompt("staff_help", staff, {})
            case _:
                return None

    def _about(
        self, tx: Transaction, staff: Staff, code: str | None, act: Callable[[Transaction, Staff, Case], Prompt]
    ) -> Prompt:
        """Act on the case that is meant; with several open, a bare answer is answered by asking which."""
        if code is not None:
            case = tx.case_by_code(code)
            paged = case is not None and (staff.id in case.tried or case.owner == staff.id)
            return act(tx, staff, case) if case and paged else self._prompt("unknown_code", staff, {"code": code})
        cases = tx.cases_of_staff(staff.id)
        match len(cases):
            case 0:
                return self._prompt("nothing_open", staff, {})
            case 1:
                return act(tx, staff, cases[0])
            case _:
                return self._prompt("which_code", staff, {"codes": ", ".join(case.code for case in cases[:6])})

    def _take(self, tx: Transaction, staff: Staff, case: Case) -> Prompt:
        result: ClaimResult = claims.claim(case, staff.id, via=ClaimVia.SMS, now=self.clock())
        match result:
            case Claimed(held, lines):
                self.dispatch.write(tx, case, (held, lines))
                return self._prompt("claimed_you", staff, {"code": case.code})
            case TakenBy(other):
                return self._prompt("claimed_other", staff, {"code": case.code, "helper": self.first_name(other)})
            case AlreadyClosed() | StaleCode():
                return self._prompt("already_closed", staff, {"code": case.code})

    def _pass(self, tx: Transaction, staff: Staff, case: Case) -> Prompt:
        changed = claims.pass_by(case, staff.id, self.clock())
        self.dispatch.write(tx, case, changed)
        return self._prompt("already_closed" if isinstance(changed, Refused) else "passed", staff, {"code": case.code})

    def _done(self, tx: Transaction, staff: Staff, case: Case, outcome: Outcome) -> Prompt:
        changed = handling.close(case, outcome, by=staff.id, now=self.clock())
        self.dispatch.write(tx, case, changed)
        return self._prompt(
            "not_closed" if isinstance(changed, Refused) else "outcome_done", staff, {"code": case.code}
        )

    def _prompt(self, message: str, staff: Staff, params: dict[str, str]) -> Prompt:
        return Prompt(message, staff.languages[0], params)
