"""Changes to the ordinary week: somebody swaps, covers or is out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self, assert_never

from flows.roster.people import StaffId
from flows.roster.shifts import PRIMARY


class OverrideKind(StrEnum):
    """What changes between the start and the end of an override."""

    SWAP = "swap"
    COVER = "cover"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One change, from `start` up to but not including `end`.

    swap: `who` and `by` stand in for each other. cover: `by` stands in for `who`, or joins the list when
    `who` is None. out: `who` is on no list. `list_name` None means every list; for a cover of nobody in
    particular it means the primary list.
    """

    id: str
    kind: OverrideKind
    who: StaffId | None
    start: datetime
    end: datetime
    by: StaffId | None = None
    list_name: str | None = None

    def holds(self, now: datetime, list_name: str) -> bool:
        return self.start <= now < self.end and self._touches(list_name)

    def _touches(self, list_name: str) -> bool:
        joins_only_one = self.kind is OverrideKind.COVER and self.who is None
        return list_name == (self.list_name or (PRIMARY if joins_only_one else list_name))

    def to_json(self) -> dict[str, Any]:
        """A value `json.dumps` takes and `from_json` reads back as an equal override."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "who": self.who,
            "by": self.by,
            "start": self.start.astimezone(UTC).isoformat(),
            "end": self.end.astimezone(UTC).isoformat(),
            "list": self.list_name,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` wrote; KeyError or ValueError says what is wrong with anything else."""
        return cls(
            id=data["id"],
            kind=OverrideKind(data["kind"]),
            who=data["who"],
            by=data["by"],
            start=datetime.fromisoformat(data["start"]),
            end=datetime.fromisoformat(data["end"]),
            list_name=data["list"],
        )


def overridden(
    staff: tuple[StaffId, ...], overrides: Iterable[Override], now: datetime, list_name: str
) -> tuple[StaffId, ...]:
    """Who is on at `now`, given who the ordinary week has on the list.

    Swaps and covers act in the order given, each on what the ones before left; whoever is out is taken
    away last, so that nobody who is out is ever paged.
    """
    holding = [override for override in overrides if override.holds(now, list_name)]
    for override in holding:
        staff = _stand_in(staff, override)
    away = {override.who for override in holding if override.kind is OverrideKind.OUT}
    return tuple(person for person in dict.fromkeys(staff) if person not in away)


def _stand_in(staff: tuple[StaffId, ...], override: Override) -> tuple[StaffId, ...]:
    who, by = override.who, override.by
    if by is None:
        return staff
    match override.kind:
        case OverrideKind.OUT:
            return staff
        case OverrideKind.COVER:
            return (*staff, by) if who is None else tuple(by if on == who else on for on in staff)
        case OverrideKind.SWAP:
            trade = {who: by, by: who}
            return tuple(trade.get(on) or on for on in staff)
        case _ as never:
            assert_never(never)
