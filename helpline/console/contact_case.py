"""Opens the case of a confirmed call-me request, or adds to the one the caller has; danger in the words raises it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from flows import handling, ledger, safe_times
from flows.case import CALLER, Case, Lines, Opening, Refused
from flows.codes import code_of
from flows.events import Channel
from flows.ledger import Contact, Owner
from flows.safe_times import SafeTimes
from flows.safety import Screening, screen
from flows.step import Consent, NeedPerson, Prompt
from flows.urgency import Urgency
from helpline.outbox import Bell, Job
from helpline.store import CallerRecord, Spoken, Transaction
from helpline.store.caller_record import SAFE_TIMES
from helpline.wiring import Services

REASON = "call_me"
Transition = tuple[Case, Lines] | Refused


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed into the form, and the number that gave the code."""

    id: str
    phone: str = field(repr=False)
    how: str
    language: str
    name: str = field(default="", repr=False)
    times: str = field(default="", repr=False)
    safe: str = ""
    about: str = field(default="", repr=False)

    @property
    def told(self) -> str:
        """What staff should read, in one note."""
        known = (("Call them", self.name), ("About calling", self.times), ("They wrote", self.about))
        return ". ".join(f"{what}: {said}" for what, said in known if said)


def open_for(line: Services, asked: Request) -> str:
    """Write the case; gives the script for the danger that was heard in the words, empty if none was."""
    heard = screen(asked.about, line.content.flow.lexicon)
    line.store.transact(lambda tx: _write(tx, line, asked, heard, line.clock()))
    if heard.script is None:
        return ""
    script = line.content.flow.scripts.get(heard.script)
    messages = script.say if script else (heard.script,)
    return " ".join(line.content.catalogue.text(Prompt(one, asked.language), Channel.SMS) for one in messages)


def _write(tx: Transaction, line: Services, asked: Request, heard: Screening, now: datetime) -> None:
    key = line.store.vault.caller_key(asked.phone)
    known = tx.caller(key) or CallerRecord(key, asked.phone)
    times = tuple(
        line.content.flow.safe_times[one] for one in asked.safe.split() if one in line.content.flow.safe_times
    )
    memory = {**known.memory, SAFE_TIMES: safe_times.written(times)} if times else known.memory
    caller = replace(
        known,
        number=known.number or asked.phone,
        consent=Consent(asked.how),
        language=asked.language,
        last_seen=now,
        memory=memory,
    )
    before = tx.case_of(key)
    need = NeedPerson(max(Urgency.SOON, heard.urgency), REASON, tuple(hit.danger.value for hit in heard.hits))
    case, lines = (
        _opened(tx, line, asked, caller, need, now) if before is None else _added(before, asked, times, need, now)
    )
    if asked.told:
        case, lines = _also(case, lines, handling.note(case, CALLER, asked.told, now))
        tx.say(case.id, Spoken(now, CALLER, asked.told))
    tx.put_caller(caller)
    tx.put_case(case, lines, now)
    tx.ring(Bell(Job.ADVANCE, (case.id,)))
    tx.put_contact(_contact(asked, case, now))
    tx.count(now, "contact.web")
    tx.audit("call_me", case=case.id)


def _opened(
    tx: Transaction, line: Services, asked: Request, caller: CallerRecord, need: NeedPerson, now: datetime
) -> tuple[Case, Lines]:
    opening = Opening(
        id=sha256(f"{asked.id}:{caller.key}".encode()).hexdigest()[:20],
        code=code_of(tx.next_code_number()),
        caller_key=caller.key,
        session_id=asked.id,
        channel=Channel.SMS,
        urgency=need.urgency,
        reason=need.reason,
        dangers=need.dangers,
        language=asked.language,
        consent=caller.consent,
        safe_times=caller.safe_times,
        opted_out=tx.opted_out(caller.key),
    )
    return handling.open_case(opening, line.content.policy, now)


def _added(case: Case, asked: Request, times: SafeTimes, need: NeedPerson, now: datetime) -> tuple[Case, Lines]:
    """The case they have already, which learns of the form."""
    lines: Lines = ()
    case, lines = _also(case, lines, handling.join_session(case, asked.id, Channel.SMS, now))
    case, lines = _also(case, lines, handling.give_consent(case, Consent(asked.how), now))
    if times:
        case, lines = _also(case, lines, handling.give_safe_times(case, times, now))
    return _also(case, lines, handling.raise_case(case, need, now))


def _also(case: Case, lines: Lines, changed: Transition) -> tuple[Case, Lines]:
    return (case, lines) if isinstance(changed, Refused) else (changed[0], (*lines, *changed[1]))


def _contact(asked: Request, case: Case, now: datetime) -> Contact:
    """The ledger's line: staff owe this person an answer by the case's target."""
    contact = Contact(
        id=sha256(f"contact:{asked.id}".encode()).hexdigest()[:16], session_id=asked.id, caller_key=case.caller_key,
        channel=Channel.SMS, began_at=now, last_at=now, case_id=case.id,
    )  # fmt: skip
    return ledger.owed_by(contact, Owner.STAFF, case.due_at)
