"""Lists in pages, and filters by date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from emulator.rest.form import Form
from emulator.rest.http import ApiRequest, ApiResponse, bad

T = TypeVar("T")
MAX_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list request gives: the resource's plural name and each item's JSON."""

    name: str
    render: Callable[[Any], dict[str, Any]]


def page(request: ApiRequest, form: Form, listing: Listing, items: Sequence[Any]) -> ApiResponse:
    """Return one page of `items`, with Twilio's paging envelope."""
    size = form.number("PageSize", 50, 1, MAX_PAGE)
    index = form.number("Page", 0, 0, 1_000_000)
    form.text("PageToken")
    shown = items[index * size : (index + 1) * size]
    more = (index + 1) * size < len(items)
    body = {
        listing.name: [listing.render(item) for item in shown],
        "page": index,
        "page_size": size,
        "start": index * size,
        "end": index * size + max(0, len(shown) - 1),
        "uri": _uri(request, index, size),
        "first_page_uri": _uri(request, 0, size),
        "next_page_uri": _uri(request, index + 1, size) if more else None,
        "previous_page_uri": _uri(request, index - 1, size) if index else None,
    }
    return ApiResponse(200, body)


def within(form: Form, name: str, when: datetime | None) -> bool:
    """Return whether `when` passes the filters `name`, `name<`, `name>` (days, or moments in ISO 8601)."""
    after, before, on = form.text(f"{name}>"), form.text(f"{name}<"), form.text(name)
    for value in filter(None, (after, before, on)):
        _moment(name, value)
    if when is None:
        return not (after or before or on)
    return (
        (not after or when >= _moment(name, after))
        and (not before or when <= _end(name, before))
        and (not on or _moment(name, on).date() == when.astimezone(UTC).date())
    )


def rfc2822(when: datetime | None) -> str | None:
    """Return a date as Twilio's 2010 API writes it, with +0000."""
    return None if when is None else format_datetime(when.astimezone(UTC))


def _moment(name: str, value: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise bad(20001, f"Invalid parameter '{name}': {value} is no date") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _end(name: str, value: str) -> datetime:
    """Return the moment itself, or for a bare day its last moment."""
    day = timedelta(days=1) - timedelta(microseconds=1) if len(value) == len("2000-01-01") else timedelta()
    return _moment(name, value) + day


def _uri(request: ApiRequest, index: int, size: int) -> str:
    kept = {name: values for name, values in request.query.items() if name not in ("Page", "PageSize", "PageToken")}
    return request.path + "?" + urlencode({**kept, "PageSize": [size], "Page": [index]}, doseq=True)
