"""Clock, journal, faults, pace and account settings, as the control API offers them."""

import json
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any

from emulator.audit import complaints
from emulator.control.errors import ControlError, missing
from emulator.control.fields import Fields
from emulator.engine import Engine
from emulator.faults import Fault, FaultKind
from emulator.journal import Query
from emulator.messaging.optout import Handling, Mode

Json = dict[str, Any]
OUTCOMES: dict[FaultKind, tuple[str, ...]] = {
    FaultKind.MESSAGE_FATE: ("sent", "delivered", "undelivered", "failed"),
    FaultKind.CALL_FATE: ("busy", "no-answer", "failed", "canceled"),
}


class Surroundings:
    """The world around the phones. Runs on the engine's thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def clock(self) -> Json:
        clock = self._engine.world.clock
        return {"now": clock.now().isoformat(), "elapsed_s": clock.elapsed_s(), "speed": clock.speed}

    def set_clock(self, data: Any) -> Json:
        fields = Fields(data)
        speed = fields.number("speed", most=10_000)
        fields.done()
        self._engine.world.clock.set_speed(speed)
        self._engine.world.journal.note("clock", speed=speed)
        return self.clock()

    async def advance(self, data: Any) -> Json:
        """Move a stepped clock on and wait until what that set going has settled."""
        fields = Fields(data)
        seconds = fields.number("seconds", 0, most=1e8)
        fields.done()
        if self._engine.world.clock.speed:
            raise ControlError(409, "the clock runs by itself; set its speed to 0 first")
        await self._engine.world.clock.advance(seconds)
        return self.clock()

    async def settle(self) -> Json:
        """Wait until no webhook is under way."""
        await self._engine.world.clock.settle()
        return self.clock()

    async def journal(self, query: Query, wait_s: float) -> Json:
        """Return matching records, waiting up to `wait_s` of real time for the first."""
        journal = self._engine.world.journal
        records = await journal.wait_for(query, seconds=wait_s) if wait_s else journal.find(query)
        return {"records": [record.as_json() for record in records]}

    def complaints(self) -> list[Json]:
        """Return what a test should explain before it passes."""
        return [asdict(one) for one in complaints(self._engine.world)]

    def clear_journal(self) -> None:
        self._engine.world.journal.clear()

    def faults(self) -> list[Json]:
        return [asdict(fault) for fault in self._engine.world.faults.all()]

    def add_fault(self, data: Any) -> Json:
        return asdict(self._engine.world.faults.add(read_fault(data)))

    def script_faults(self, data: Any) -> list[Json]:
        """Replace all faults by a script: its seed decides what those with a `chance` below 1 strike."""
        fields = Fields(data)
        seed, rows = int(fields.number("seed", 0)), fields.rows("faults")
        fields.done()
        self._engine.world.faults.script(seed, [read_fault(row) for row in rows])
        return self.faults()

    def remove_fault(self, sid: str) -> None:
        if not self._engine.world.faults.remove(sid):
            raise missing(f"fault {sid}")

    def clear_faults(self) -> None:
        self._engine.world.faults.clear()

    def pace(self) -> Json:
        return asdict(self._engine.world.pace)

    def set_pace(self, data: Any) -> Json:
        fields, pace = Fields(data), self._engine.world.pace
        chosen = {item.name: fields.number(item.name, getattr(pace, item.name)) for item in dataclass_fields(pace)}
        fields.done()
        if not chosen["calls_per_second"]:
            raise ControlError(400, "calls_per_second must be more than 0")
        for name, value in chosen.items():
            setattr(pace, name, value)
        return self.pace()

    def account(self) -> Json:
        """Return what an application needs to use this emulator."""
        account = self._engine.world.account
        numbers = [
            {"number": number.phone_number, "sid": number.sid, "sms_url": number.sms_url, "voice_url": number.voice_url}
            for number in account.numbers.values()
        ]
        return {"account_sid": account.sid, "numbers": numbers}

    def opt_outs(self) -> Json:
        """Return the block list, and every handling that was chosen."""
        opt_outs = self._engine.messaging.opt_outs
        blocked = [{"owner": owner, "person": person} for owner, person in sorted(opt_outs.blocked)]
        return {"blocked": blocked, "handlings": {owner: asdict(one) for owner, one in opt_outs.handlings.items()}}

    def set_handling(self, owner: str, data: Any) -> Json:
        """Choose how a number or a Messaging Service handles STOP, START and HELP."""
        fields = Fields(data)
        mode = fields.choice("mode", tuple(Mode))
        usual = Handling(Mode(mode))
        handling = Handling(
            Mode(mode),
            stop_text=fields.text("stop_text", usual.stop_text),
            start_text=fields.text("start_text", usual.start_text),
            help_text=fields.text("help_text", usual.help_text),
        )
        fields.done()
        self._engine.messaging.opt_outs.handlings[owner] = handling
        return self.opt_outs()

    def set_blocked(self, owner: str, person: str, *, blocked: bool) -> Json:
        """Put a person on the block list of a number or Messaging Service, or take them off."""
        pairs = self._engine.messaging.opt_outs.blocked
        pairs.add((owner, person)) if blocked else pairs.discard((owner, person))
        return self.opt_outs()

    async def send_json(self, data: Any) -> Json:
        """Send a JSON webhook to the application, signed with `bodySHA256`."""
        fields = Fields(data)
        url = fields.text("url")
        body = fields.anything("body")
        fields.done()
        reply = await self._engine.world.webhooks.send_json(url, json.dumps(body).encode(), "")
        return {"status": reply.status, "code": reply.code, "text": reply.text}


def read_fault(data: Any) -> Fault:
    """Return the fault described by a request's JSON."""
    fields = Fields(data)
    kind = fields.choice("kind", tuple(FaultKind))
    fault = Fault(
        FaultKind(kind),
        number=fields.text("number", ""),
        path=fields.text("path", ""),
        method=fields.text("method", ""),
        event=fields.text("event", ""),
        times=None if fields.flag("always", default=False) else int(fields.number("times", 1)),
        status=int(fields.number("status", 429 if kind == FaultKind.REST_STATUS else 503)),
        code=int(fields.number("code", 0)),
        seconds=fields.number("seconds", 0),
        outcome=fields.text("outcome", ""),
        chance=fields.number("chance", 1),
    )
    if fault.outcome and fault.outcome not in OUTCOMES.get(fault.kind, ()):
        raise ControlError(400, f"outcome must be one of {', '.join(OUTCOMES.get(fault.kind, ('nothing',)))}")
    if not 100 <= fault.status <= 599:
        raise ControlError(400, "status must be an HTTP status")
    fields.done()
    return fault
