"""One caller's turn: load, step, commit everything as one, answer. The same event again gets the same answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from flows import cases, codes, engine
from flows.case import Case, Lines, Opening
from flows.events import Channel
from flows.policy import Policy
from flows.session import CaseView, Session
from flows.step import (
    CaseNote,
    Effect,
    Forget,
    GiveConsent,
    NeedPerson,
    OptIn,
    OptOut,
    Relay,
    Remember,
    Step,
    Timer,
    Wait,
    Withdraw,
)
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.channels.voice import VoiceRenderer
from helpline.live_content import LiveContent
from helpline.outbox import Bell, Job, QueueName
from helpline.roster_source import RosterSource
from helpline.store import CallerRecord, RedisStore, Transaction, keys


@dataclass(frozen=True, slots=True)
class Conversations:
    """Takes callers' turns."""

    store: RedisStore
    content: LiveContent
    roster: RosterSource
    renderer: Callable[[], VoiceRenderer]

    def take(self, arrival: Arrival) -> str:
        """The TwiML that answers this arrival; everything it promises is committed before it is given.

        Raises:
            Conflict, Unavailable: nothing was written and nothing may be promised.

        """
        return self.store.transact(lambda tx: self._turn(tx, arrival))
