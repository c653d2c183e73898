"""The shapes of `line.yaml`, `numbers.yaml` and `offices.yaml`: this helpline's own facts."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
)

from config.content_shapes.basics import (
    Id,
    Line,
    Shape,
)

Hours = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")]


def _a_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError) as unknown:
        raise ValueError(f"there is no time zone {value!r}") from unknown
    return value


Zone = Annotated[str, AfterValidator(_a_zone)]


class TimesOfDay(Shape):
    """Times of day that a caller can call safe."""

    zone: Zone = Field(description="The clock they are told by.")
    spans: dict[Id, Hours]


class LineFile(Shape):
    """This helpline's own facts."""

    default_language: Id = Field(description="The folder of messages/ a caller is greeted in.")
    facts: dict[Id, Line] = Field(description="Used in messages as {line:name}.")
    examples: dict[Id, Line] = Field(
        description="The longest value each {placeholder} can have; lengths are measured with these."
    )
    safe_times: TimesOfDay | None = Field(default=None, description="Times a caller can call safe for being called.")


class NumberShape(Shape):
    """A hotline number."""

    dial: Annotated[str, StringConstraints(pattern=r"^[0-9](-?[0-9])*$")] = Field(description="As it is dialled.")
    service: Line
    source: Line
    owner: Line = Field(description="Who at this helpline checks that the number still works.")
    checked_on: date
    expires_on: date


class NumbersFile(Shape):
    """Every hotline number, in one place."""

    numbers: dict[Id, NumberShape] = Field(description="Used in messages as {number:name}.")


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class OfficeHours(Shape):
    """One office."""

    zone: Zone = Field(description="The clock on its wall, like America/New_York.")
    open: dict[Weekday, list[Hours]] = Field(description="Spans such as 08:00-17:00; 22:00-06:00 ends the next day.")
    holidays: list[date] = Field(default=[], description="Days on which it stays closed.")


class OfficesFile(Shape):
    """When each office is open. Without this file no office is known."""

    offices: dict[Id, OfficeHours]
