"""Texts from staff phones: taking a case, giving it on, saying how it ended, writing with its caller.

What is answered is already written; whatever is no command is for the caller of the case they have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

from flows import bridging, claims, handling
from flows.case import Case, ClaimVia, Outcome, Reason, Refused
from flows.claims import AlreadyClosed, Claimed, ClaimResult, StaleCode, TakenBy
from flows.events import Answered
from flows.roster import Staff
from flows.staff_words import (
    About,
    CallNow,
    Claim,
    Done,
    DoneHow,
    Give,
    Help,
    Off,
    On,
    Pass,
    Show,
    StaffWord,
    Stop,
    Who,
    Words,
    parse,
)
from flows.step import Prompt
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.content.live import LiveContent
from helpline.paging.dispatch import Dispatch, Transition
from helpline.paging.relay import Relays
from helpline.paging.wording import Wording
from helpline.staff.duty import StaffDuty, shown_to
from helpline.store import RedisStore, Transaction, keys

OUTCOMES = MappingProxyType(
    {
        1: Outcome.HANDED_OVER,
        2: Outcome.REACHED_ELSEWHERE,
        3: Outcome.TRANSFERRED_911_988,
        4: Outcome.UNREACHABLE,
    }
)
"""The number a staff member gives, by text or key, for how a case ended."""

REFUSALS = MappingProxyType(
    {
        Reason.CLOSED: "already_closed",
        Reason.NOT_CLAIMED: "not_yours",
        Reason.NOT_YOURS: "not_yours",
        Reason.IN_CALL: "in_call",
        Reason.NO_CALLS: "no_calls",
        Reason.NO_TEXTS: "no_texts",
    }
)
"""What a staff member is told when a case does not take what they asked for."""

Act = Callable[[Transaction, Staff, Case], Prompt]


@dataclass(frozen=True, slots=True)
class StaffDesk:
    """Answers staff."""

    store: RedisStore
    dispatch: Dispatch
    content: LiveContent
    wording: Wording
    duty: StaffDuty
    relays: Relays
    clock: Callable[[], datetime]

    def text(
        self, staff: Staff, message: Arrival, also: Callable[[Transaction, tuple[str, ...]], None] | None = None
    ) -> str | None:
        """The TwiML that answers a staff member; None when their words are no command and no case of theirs is open.

        `also` is done with what it says, in the same transaction: where nobody waits for the TwiML, it has to be sent.
        """
        assert isinstance(message.event, Answered)  # noqa: S101 - `arrival.text_message` makes nothing else
        words = parse(message.event.text)

        def decide(tx: Transaction) -> str | None:
            given = tx.reply_to(message.event_key)
            if given is not None:
                return given
            prompts = self._answer(tx, staff, words, message.event_key)
            if prompts is None:
                return None
            texts = sms.texts(prompts, self.content.catalogue)
            answer = sms.twiml(texts)
            if also is not None:
                also(tx, texts)
            tx.remember_reply(message.event_key, answer)
            tx.saw(message.event_key, message.event.at)
            tx.audit("staff_text", staff=staff.id, word=type(words).__name__.lower())
            return answer

        return self.store.transact(decide)

    def _answer(  # noqa: PLR0911 - one for each word
        self, tx: Transaction, staff: Staff, words: StaffWord, event: str
    ) -> tuple[Prompt, ...] | None:
        match words:
            case Words(text):
                return self._words(tx, staff, text, event)
            case Off() | On() | Who() | Stop() | Show() | Help():
                return self.duty.answer(tx, staff, words)
            case Claim(code):
                return (self._about(tx, staff, code, self._take),)
            case Pass(code):
                return (self._about(tx, staff, code, self._pass),)
            case Done(code, chosen):
                return (self._about(tx, staff, code, lambda t, s, c: self._done(t, s, c, OUTCOMES[chosen])),)
            case DoneHow(code):
                return (self._about(tx, staff, code, self._ask_how),)
            case CallNow(code):
                return (self._about(tx, staff, code, self._call_now),)
            case Give(code, name):
                return (self._about(tx, staff, code, lambda t, s, c: self._give(t, s, c, name)),)
            case About(code):
                return (self._about(tx, staff, code, self._standing),)
            case _:
                assert_never(words)

    def _about(self, tx: Transaction, staff: Staff, code: str | None, act: Act) -> Prompt:
        """Act on the case that is meant; with several open, a bare answer is answered by asking which."""
        if code is not None:
            case = tx.case_by_code(code)
            return act(tx, staff, case) if case else self._prompt("unknown_code", staff, {"code": code})
        cases = tx.cases_of_staff(staff.id)
        match len(cases):
            case 0:
                return self._prompt("nothing_open", staff, {})
            case 1:
                return act(tx, staff, cases[0])
            case _:
                return self._which("which_code", staff, cases)

    def _which(self, message: str, staff: Staff, cases: tuple[Case, ...]) -> Prompt:
        return self._prompt(message, staff, {"codes": ", ".join(case.code for case in cases[:6])})

    # -- what they do with a case -------------------------------------------------------------------------------

    def _sent_to(self, tx: Transaction, staff: Staff, case: Case) -> bool:
        """Whether the code went to this very phone: a sender's number can be forged, what it receives cannot."""
        paged = {case.owner, *case.tried, *(page.staff_id for page in case.pages)}
        return staff.id in paged or tx.read(keys.told(shown_to(staff, case)))[0] is not None

    def _take(self, tx: Transaction, staff: Staff, case: Case) -> Prompt:
        if not self._sent_to(tx, staff, case):
            return self._prompt("unknown_code", staff, {"code": case.code})
        result: ClaimResult = claims.claim(case, staff.id, via=ClaimVia.SMS, now=self.clock())
        match result:
            case Claimed(held, lines):
                self.dispatch.write(tx, case, (held, lines))
                return self._prompt(taken(held, self.clock()), staff, {"code": case.code})
            case TakenBy(other):
                return self._prompt("claimed_other", staff, {"code": case.code, "helper": self.wording.name(other)})
            case AlreadyClosed() | StaleCode():
                return self._prompt("already_closed", staff, {"code": case.code})
            case _:
                assert_never(result)

    def _pass(self, tx: Transaction, staff: Staff, case: Case) -> Prompt:
        done = "release_done" if case.owner == staff.id else "passed"
        return self._written(tx, staff, case, claims.pass_by(case, staff.id, self.clock()), done)

    def _done(self, tx: Transaction, staff: Staff, case: Case, outcome: Outcome) -> Prompt:
        if not self._sent_to(tx, staff, case):
            return self._prompt("not_closed", staff, {"code": case.code})
        changed = handling.close(case, outcome, by=staff.id, now=self.clock())
        if isinstance(changed, Refused):
            return self._prompt("not_closed", staff, {"code": case.code})
        return self._written(tx, staff, case, changed, "outcome_done")

    def _ask_how(self, _tx: Transaction, staff: Staff, case: Case) -> Prompt:
        message = "already_closed" if case.closed else "outcome_ask"
        return self._prompt(message, staff, {"code": case.code})

    def _call_now(self, tx: Transaction, staff: Staff, case: Case) -> Prompt:
        return self._written(tx, staff, case, bridging.call_now(case, staff.id, self.clock()), "calling_now")

    def _give(self, tx: Transaction, staff: Staff, case: Case, name: str) -> Prompt:
        colleague = self.duty.colleague(staff, name)
        if colleague is None:
            return self._prompt("give_whom", staff, {"code": case.code})
        changed = claims.give(case, staff.id, to=colleague.id, now=self.clock())
        return self._written(tx, staff, case, changed, "gave", helper=colleague.first_name)

    def _standing(self, _tx: Transaction, staff: Staff, case: Case) -> Prompt:
        """How a case stands and what they can do about it."""
        facts = self.wording.facts(case)
        if case.closed:
            return self._prompt("already_closed", staff, facts)
        if case.owner is None:
            return self._prompt("about_open", staff, facts)
        return self._prompt("about_yours" if case.owner == staff.id else "claimed_other", staff, facts)

    def _written(
        self, tx: Transaction, staff: Staff, case: Case, changed: Transition, done: str, *, helper: str = ""
    ) -> Prompt:
        """Write what was asked for and say it is done, or say why it is not."""
        self.dispatch.write(tx, case, changed)
        message = REFUSALS.get(changed.reason, "not_yours") if isinstance(changed, Refused) else done
        return self._prompt(message, staff, {"code": case.code, "helper": helper})

    # -- words for a caller ---------------------------------------------------------------------------------------

    def _words(self, tx: Transaction, staff: Staff, text: str, event: str) -> tuple[Prompt, ...] | None:
        """Pass words on to the caller of the one case they have, or of the one whose code stands before them."""
        cases = tx.cases_of_staff(staff.id)
        mine = tuple(case for case in cases if case.owner == staff.id)
        if not mine:
            return (self._prompt("unknown_command", staff, {}),) if cases else None
        meant, said = self.relays.meant(mine, text)
        if meant is None:
            return (self._which("which_caller", staff, mine),)
        changed = self.relays.to_caller(tx, meant, staff, said, event)
        if isinstance(changed, Refused):
            message = REFUSALS.get(changed.reason, "not_yours")
            return (self._prompt(message, staff, {"code": meant.code, "helper": ""}),)
        self.dispatch.write(tx, meant, changed)
        return ()

    def _prompt(self, message: str, staff: Staff, params: dict[str, str]) -> Prompt:
        return Prompt(message, staff.languages[0], params)


def taken(held: Case, now: datetime) -> str:
    """What whoever has taken a case is told: what follows now, and not what only follows later."""
    if held.on_line_call or not (held.relay or held.may_call):
        return "claimed_you"
    if held.relay:
        return "claimed_you_text"
    return "claimed_you_later" if held.call_from(now) > now else "claimed_you"
