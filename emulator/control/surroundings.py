"""Clock, journal, faults, pace and account settings, as the control API offers them."""

from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any

from emulator.control.errors import ControlError, missing
from emulator.control.fields import Fields
from emulator.engine import Engine
from emulator.faults import Fault, FaultKind
from emulator.journal import Query

Json = dict[str, Any]


class Surroundings:
    """The world around the phones. Runs on the engine's thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def clock(self) -> Json:
        clock = self._engine.world.clock
        return {"now": clock.now().isoformat(), "elapsed_s": clock.elapsed_s(), "speed": clock.speed}

    def set_clock(self, data: Any) -> Json:
        fields = Fields(data)
        speed = fields.number("speed")
        fields.done()
        self._engine.world.clock.set_speed(speed)
        return self.clock()

    async def advance(self, data: Any) -> Json:
        """Move a stepped clock on and wait until what that set going has settled."""
        fields = Fields(data)
        seconds = fields.number("seconds", 0)
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

    def clear_journal(self) -> None:
        self._engine.world.journal.clear()

    def faults(self) -> list[Json]:
        return [asdict(fault) for fault in self._engine.world.faults.all()]

    def add_fault(self, data: Any) -> Json:
        return asdict(self._engine.world.faults.add(read_fault(data)))

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


def read_fault(data: Any) -> Fault:
    """Return the fault described by a request's JSON."""
    fields = Fields(data)
    kind = fields.text("kind")
    if kind not in list(FaultKind):
        raise ControlError(400, f"kind must be one of {', '.join(FaultKind)}")
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
    )
    fields.done()
    return fault
