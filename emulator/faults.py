"""Things that go wrong on purpose: which, for whom, and how often."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from emulator.identifiers import new_sid
from emulator.journal import Journal


class FaultKind(StrEnum):
    """What goes wrong. REST faults meet the application's requests; callback faults meet Twilio's."""

    REST_STATUS = "rest_status"  # answered with `status`; nothing was done
    REST_STATUS_AFTER = "rest_status_after"  # done, then answered with `status`
    REST_SLOW = "rest_slow"  # done, answered `seconds` later
    REST_CUT = "rest_cut"  # connection cut, nothing done
    REST_CUT_AFTER = "rest_cut_after"  # done, then connection cut
    CALLBACK_EARLY = "callback_early"  # a REST request's first callback comes before its answer
    CALLBACK_DROP = "callback_drop"
    CALLBACK_DUPLICATE = "callback_duplicate"
    CALLBACK_LATE = "callback_late"  # sent `seconds` late, so after its successors
    CALLBACK_SWAP = "callback_swap"  # held back until the next callback of the same call or message has gone
    WEBHOOK_UNSIGNED = "webhook_unsigned"  # without the signature header
    WEBHOOK_FORGED = "webhook_forged"  # signed with a wrong token
    WEBHOOK_REPEATED = "webhook_repeated"  # sent and answered, then sent again
    WEBHOOK_LOST = "webhook_lost"  # never reaches the application
    WEBHOOK_ANSWER_LOST = "webhook_answer_lost"  # reaches the application, but its answer is lost: fallback URL
    MESSAGE_FATE = "message_fate"  # message ends in `outcome` with error `code`
    CALL_FATE = "call_fate"  # call ends in `outcome`
    RECORDING_ABSENT = "recording_absent"  # a recording is made and cannot be had


@dataclass(slots=True)
class Fault:
    """One fault. Empty conditions match everything; `times` None is for ever."""

    kind: FaultKind
    number: str = ""
    path: str = ""
    method: str = ""
    event: str = ""
    times: int | None = 1
    status: int = 503
    code: int = 0
    seconds: float = 0.0
    outcome: str = ""
    chance: float = 1.0  # how likely it strikes when it could; drawn from the seed of the script
    sid: str = field(default_factory=lambda: new_sid("FT"))

    def matches(self, facts: Mapping[str, str]) -> bool:
        """Return whether this fault is for a request, callback, message or call with these facts."""
        return (
            self.times != 0
            and self.path in facts.get("path", "")
            and self.method in ("", facts.get("method", ""))
            and self.event in ("", facts.get("event", ""))
            and self.number in ("", facts.get("to", ""), facts.get("from", ""))
        )


REST_KINDS = frozenset(kind for kind in FaultKind if kind.value.startswith("rest_")) | {FaultKind.CALLBACK_EARLY}
WEBHOOK_KINDS = frozenset(kind for kind in FaultKind if kind.value.startswith("webhook_"))
DELIVERY_KINDS = frozenset(
    {FaultKind.CALLBACK_DROP, FaultKind.CALLBACK_DUPLICATE, FaultKind.CALLBACK_LATE, FaultKind.CALLBACK_SWAP}
)


class Faults:
    """The faults in force."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._faults: list[Fault] = []
        self._dice = random.Random(0)

    def script(self, seed: int, faults: list[Fault]) -> None:
        """Replace everything in force; the same seed and the same course of events give the same faults."""
        self._faults, self._dice = list(faults), random.Random(seed)
        self._journal.note("fault.set", fault=f"a script of {len(faults)} with seed {seed}")

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        self._journal.note("fault.set", fault=fault.kind.value, number=fault.number, times=fault.times)
        return fault

    def all(self) -> tuple[Fault, ...]:
        return tuple(self._faults)

    def remove(self, sid: str) -> bool:
        before = len(self._faults)
        self._faults = [fault for fault in self._faults if fault.sid != sid]
        if len(self._faults) < before:
            self._journal.note("fault.over", fault="taken back")
        return len(self._faults) < before

    def clear(self) -> None:
        self._faults.clear()
        self._journal.note("fault.over", fault="all put right")

    def for_request(self, facts: Mapping[str, str]) -> Fault | None:
        """Return what goes wrong with this REST request, using the fault up."""
        return self._take(REST_KINDS, facts)

    def for_message(self, facts: Mapping[str, str]) -> Fault | None:
        return self._take(frozenset({FaultKind.MESSAGE_FATE}), facts)

    def for_call(self, facts: Mapping[str, str]) -> Fault | None:
        return self._take(frozenset({FaultKind.CALL_FATE}), facts)

    def for_recording(self, facts: Mapping[str, str]) -> Fault | None:
        return self._take(frozenset({FaultKind.RECORDING_ABSENT}), facts)

    def for_webhook(self, facts: Mapping[str, str]) -> Fault | None:
        """Return what goes wrong with this webhook or callback on its way, using the fault up."""
        return self._take(WEBHOOK_KINDS, facts)

    def for_delivery(self, facts: Mapping[str, str]) -> Fault | None:
        """Return what goes wrong with the sending of this status callback, using the fault up."""
        return self._take(DELIVERY_KINDS, facts)

    def _take(self, kinds: frozenset[FaultKind], facts: Mapping[str, str]) -> Fault | None:
        for fault in self._faults:
            if fault.kind in kinds and fault.matches(facts) and self._dice.random() < fault.chance:
                if fault.times is not None:
                    fault.times -= 1
                self._journal.note("fault", subject=facts.get("sid", ""), fault=fault.kind.value, facts=dict(facts))
                return fault
        return None
