"""The shape of the roster file, entry by entry, and the values each entry stands for."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Any, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
)

from config import roster_values as values
from config.roster_values import Known, Wrong
from flows.roster import (
    EVERY_DAY,
    Contact,
    Holiday,
    Hours,
    OnCallList,
    Override,
    OverrideKind,
    Role,
    Roster,
    Rotation,
    Shift,
    Staff,
    StaffId,
    Turn,
    Weekday,
)

T = TypeVar("T")


def _known(read: Callable[[object, Known], T]) -> PlainValidator:
    """A validator that is told what the rest of the file declares."""

    def validate(value: object, info: ValidationInfo) -> T:
        return read(value, cast("Known", info.context))

    return PlainValidator(validate)


def _any(value: Any) -> Any:
    """A list, which may be empty."""
    if not isinstance(value, list):
        raise Wrong("a list must stand here", "Write a list: [one, two], or one line with a dash for each")
    return value


def _some(value: Any) -> Any:
    """A list with something in it."""
    if not _any(value):
        raise Wrong("the list is empty", "Write at least one, or remove the entry it belongs to")
    return value


Some = BeforeValidator(_some)
Text = Annotated[str, PlainValidator(values.text)]
Name = Annotated[str, PlainValidator(values.name)]
Phone = Annotated[str, PlainValidator(values.phone)]
Zone = Annotated[ZoneInfo, PlainValidator(values.zone)]
Clock = Annotated[time, PlainValidator(values.clock)]
ClosingClock = Annotated[time, PlainValidator(values.closing_clock)]
Day = Annotated[date, PlainValidator(values.day)]
Moment = Annotated[datetime, _known(values.moment)]
Person = Annotated[StaffId, _known(values.staff_reference)]
ListName = Annotated[str, _known(values.list_reference)]
People = Annotated[tuple[Person, ...], Some]
Days = Annotated[tuple[Annotated[Weekday, PlainValidator(values.weekday)], ...], Some]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StaffEntry(_Entry):
    """One person under `staff`."""

    id: Name
    name: Text
    called: Text | None = None
    phones: Annotated[tuple[Phone, ...], Some]
    languages: Annotated[tuple[Annotated[str, PlainValidator(values.language)], ...], Some] = ("en",)
    role: Annotated[Role, PlainValidator(values.choice(Role, lambda role: role.value))] = Role.RESPONDER
    zone: Zone | None = None
    contact: Annotated[
        tuple[Annotated[Contact, PlainValidator(values.choice(Contact, lambda way: way.value))], ...], Some
    ] = tuple(Contact)
    gender: Text | None = None

    def value(self, zone: ZoneInfo) -> Staff:
        return Staff(
            id=StaffId(self.id),
            name=self.name,
            called=self.called,
            phones=self.phones,
            languages=self.languages,
            role=self.role,
            zone=self.zone or zone,
            contact=self.contact,
            gender=self.gender,
        )


class HoursEntry(_Entry):
    """A stretch of the clock on some days."""

    days: Days = EVERY_DAY
    from_: Clock = Field(alias="from")
    to: ClosingClock

    def hours(self) -> Hours:
        return Hours(self.from_, self.to, self.days)


class ShiftEntry(HoursEntry):
    """The same people in the same hours."""

    staff: People

    def value(self) -> Shift:
        return Shift(self.hours(), self.staff)


class RotationEntry(_Entry):
    """People who take turns."""

    turn: Annotated[Turn, PlainValidator(values.choice(Turn, lambda turn: turn.name.lower()))]
    every: Annotated[int, PlainValidator(values.count)] = 1
    first: Day
    handoff: Clock
    hours: Annotated[tuple[HoursEntry, ...], Some] = ()
    staff: People

    def value(self) -> Rotation:
        hours = tuple(entry.hours() for entry in self.hours)
        return Rotation(
            staff=self.staff, turn=self.turn, every=self.every, first=self.first, handoff=self.handoff, hours=hours
        )


class HolidayEntry(_Entry):
    """Dates on which other shifts hold."""

    name: Text
    dates: Annotated[tuple[Day, ...], Some]
    shifts: Annotated[tuple[ShiftEntry, ...], Some]

    def value(self) -> Holiday:
        return Holiday(self.name, self.dates, tuple(shift.value() for shift in self.shifts))


class ListEntry(_Entry):
    """One on-call list."""

    name: Name
    zone: Zone | None = None
    always_covered: Annotated[bool, PlainValidator(values.yes_or_no)] = True
    shifts: Annotated[tuple[ShiftEntry, ...], Some] = ()
    rotations: Annotated[tuple[RotationEntry, ...], Some] = ()
    holidays: Annotated[tuple[HolidayEntry, ...], Some] = ()

    def value(self, zone: ZoneInfo) -> OnCallList:
        return OnCallList(
            name=self.name,
            zone=self.zone or zone,
            always_covered=self.always_covered,
            shifts=tuple(shift.value() for shift in self.shifts),
            rotations=tuple(rotation.value() for rotation in self.rotations),
            holidays=tuple(holiday.value() for holiday in self.holidays),
        )


class OverrideEntry(_Entry):
    """One change. The fields are checked in this order, each with those before it."""

    kind: Annotated[OverrideKind, PlainValidator(values.choice(OverrideKind, lambda kind: kind.value))]
    who: Person | None = Field(default=None, validate_default=True)
    by: Person | None = Field(default=None, validate_default=True)
    from_: Moment = Field(alias="from")
    to: Moment
    list_name: ListName | None = Field(default=None, alias="list")

    @field_validator("who")
    @classmethod
    def _somebody(cls, who: StaffId | None, info: ValidationInfo) -> StaffId | None:
        if who is None and info.data.get("kind") in {OverrideKind.SWAP, OverrideKind.OUT}:
            raise Wrong('"who" is missing', "Say who it is about: who: and the id of a person")
        return who

    @field_validator("by")
    @classmethod
    def _somebody_else(cls, by: StaffId | None, info: ValidationInfo) -> StaffId | None:
        kind = info.data.get("kind")
        if kind is OverrideKind.OUT and by is not None:
            raise Wrong('"by" has no place in an override of the kind out', 'Write "kind: cover", or remove "by"')
        if kind in {OverrideKind.SWAP, OverrideKind.COVER} and by is None:
            raise Wrong('"by" is missing', "Say who steps in: by: and the id of a person")
        if by is not None and by == info.data.get("who"):
            raise Wrong(f"{by} cannot stand in for {by}", "Name two different people")
        return by

    @field_validator("to")
    @classmethod
    def _after_its_start(cls, to: datetime, info: ValidationInfo) -> datetime:
        start = info.data.get("from_")
        if start is not None and to <= start:
            raise Wrong("the override ends before it begins", 'Make "to" later than "from"')
        return to

    def value(self, number: int) -> Override:
        return Override(
            id=f"file-{number}",
            kind=self.kind,
            who=self.who,
            by=self.by,
            start=self.from_,
            end=self.to,
            list_name=self.list_name,
        )


class RosterFile(_Entry):
    """The whole file."""

    zone: Zone
    fallback_numbers: Annotated[tuple[Phone, ...], Some]
    supervisors: People
    staff: Annotated[tuple[StaffEntry, ...], Some]
    lists: Annotated[tuple[ListEntry, ...], Some]
    overrides: Annotated[tuple[OverrideEntry, ...], BeforeValidator(_any)] = ()

    def value(self) -> Roster:
        return Roster(
            staff=tuple(entry.value(self.zone) for entry in self.staff),
            lists=tuple(entry.value(self.zone) for entry in self.lists),
            supervisors=self.supervisors,
            fallback_numbers=self.fallback_numbers,
            overrides=tuple(entry.value(number) for number, entry in enumerate(self.overrides, 1)),
        )
