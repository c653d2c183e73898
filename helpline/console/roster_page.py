"""The roster: who is on now, two weeks as a picture, gaps, and swap, cover or out with one tap."""

import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from markupsafe import Markup

from flows.events import Channel
from flows.roster import (
    Override,
    OverrideKind,
    Role,
    Roster,
    Staff,
    StaffId,
    Stretch,
    calendar,
    duty_of,
    next_change,
    on_call,
    stretches,
)
from flows.step import Prompt
from helpline.console import roster_picture
from helpline.console.access import allowed, me
from helpline.console.roster_picture import DAYS
from helpline.store import Letter, LetterKind, Transaction
from helpline.wiring import Services

FARTHEST = timedelta(days=60)
EARLIEST_YEAR, LATEST_YEAR = 2000, 9000
TOLD_FOR = timedelta(hours=6)


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The roster's addresses."""

    @pages.get("/roster")
    @allowed(Role.RESPONDER)
    def roster() -> ResponseReturnValue:
        """The picture, and what can be changed."""
        line.store.transact(lambda tx: tx.audit("viewed_roster", staff=me().staff.id))
        return render_template("console/roster.html", **_shown(line))

    @pages.post("/roster/change")
    @allowed(Role.RESPONDER)
    @limiter.limit("60 per 10 minutes")
    def change_roster() -> ResponseReturnValue:
        """Put somebody out, or somebody else in."""
        made = _changes(line)
        if isinstance(made, str):
            flash(f"{made} The roster is as it was.", "warn")
            return _back()
        line.store.transact(lambda tx: _write(tx, line, made))
        gaps = calendar(line.roster.now(), line.clock(), DAYS).gaps
        more = " There is a gap now, in red: somebody must fill it." if gaps else ""
        flash(f"The roster is changed.{more}", "good")
        return _back()

    @pages.post("/roster/take-back")
    @allowed(Role.RESPONDER)
    def take_back() -> ResponseReturnValue:
        """Take a change back: who is in it, or a supervisor."""
        override_id = request.form.get("override", "")
        found = next((one for one in line.store.transact(lambda tx: tx.overrides()) if one.id == override_id), None)
        if found is None:
            flash("That change is gone already.", "warn")
            return _back()
        if not me().may(Role.SUPERVISOR) and me().staff.id not in {found.who, found.by}:
            abort(HTTPStatus.NOT_FOUND)

        def decide(tx: Transaction) -> None:
            tx.drop_override(override_id)
            tx.audit("roster_taken_back", staff=me().staff.id, override=override_id)

        line.store.transact(decide)
        flash("The change is taken back.", "good")
        return _back()


def _shown(line: Services) -> dict[str, object]:
    now, current, zone = line.clock(), line.roster.now(), me().staff.zone
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    shown = calendar(current, start, DAYS)
    live = sorted(
        (one for one in line.store.transact(lambda tx: tx.overrides()) if one.end > now), key=lambda one: one.start
    )
    people = current.staff if me().supervises else (me().staff,)
    return {
        "picture": Markup(roster_picture.draw(current, shown, zone, now)),  # noqa: S704  our own drawing, escaped there
        "gaps": shown.gaps,
        "lists": [_list(current, name, now) for name in current.list_names],
        "duties": [(person, _upcoming(current, person.id, now)) for person in people],
        "words": [(name, stretches(current, name, start, shown.end)) for name in current.list_names],
        "colleagues": current.staff,
        "live": live,
        "mine": lambda one: me().supervises or me().staff.id in {one.who, one.by},
        "first_names": {person.id: person.first_name for person in current.staff},
        "now": now,
    }


def _list(current: Roster, name: str, now: datetime) -> dict[str, object]:
    change = next_change(current, now, name)
    return {
        "name": name,
        "on": current.staff_in_order(on_call(current, now, name)),
        "change": change,
        "then": current.staff_in_order(on_call(current, change, name)) if change else (),
    }


def _upcoming(current: Roster, staff_id: StaffId, now: datetime) -> tuple[Stretch, ...]:
    return duty_of(current, staff_id, now, now + timedelta(days=DAYS))


def _changes(line: Services) -> tuple[Override, ...] | str:  # noqa: PLR0911  each way it can be wrong
    """The overrides that the form asks for, or what is wrong with it in words."""
    form, current, now = request.form, line.roster.now(), line.clock()
    who = current.staff_member(StaffId(form.get("who", "")))
    by = current.staff_member(StaffId(form.get("by", "")))
    kind, list_name = form.get("kind", ""), form.get("list", "")
    if who is None or list_name not in current.list_names:
        return "That person or list is not on the roster."
    if not me().supervises and me().staff.id not in {who.id, by.id if by else ""}:
        return "Only a supervisor changes what others do. You can offer to cover."
    start, end = _moment(form.get("from", ""), me().staff.zone), _moment(form.get("to", ""), me().staff.zone)
    if start is None or end is None or end <= start or end <= now or end > now + FARTHEST:
        return "From and until do not make a time that is still to come, within 60 days."
    match kind:
        case "out":
            return (_override(OverrideKind.OUT, who, None, start, end, list_name),)
        case "cover" if by is not None and by.id != who.id:
            return (_override(OverrideKind.COVER, who, by, start, end, list_name),)
        case "swap" if by is not None and by.id != who.id:
            return _swap(current, who, by, start, end, list_name, now)
        case _:
            return "Choose a colleague."


def _swap(  # noqa: PLR0913, PLR0917  two people, a time, a list
    current: Roster, who: Staff, by: Staff, start: datetime, end: datetime, list_name: str, now: datetime
) -> tuple[Override, ...] | str:
    """They take this time, and as long a piece of their next duty after it is taken in return: two covers."""
    theirs = next((one for one in _upcoming(current, by.id, now) if one.end > end), None)
    if theirs is None:
        return f"{by.first_name} has no duty in the next two weeks to swap. Ask them to cover instead."
    begin = max(theirs.start, end)
    until = min(theirs.end, begin + (end - start))
    return (
        _override(OverrideKind.COVER, who, by, start, end, list_name),
        _override(OverrideKind.COVER, by, who, begin, until, theirs.list_name),
    )


def _override(
    kind: OverrideKind, who: Staff, by: Staff | None, start: datetime, end: datetime, list_name: str
) -> Override:
    return Override(
        id=f"console-{secrets.token_hex(6)}", kind=kind, who=who.id, by=by.id if by else None,
        start=start, end=end, list_name=list_name,
    )  # fmt: skip


def _write(tx: Transaction, line: Services, made: tuple[Override, ...]) -> None:
    """Keep the changes, and tell by text whoever is put in by somebody else."""
    current, now = line.roster.now(), line.clock()
    for one in made:
        tx.put_override(one)
        tx.audit("roster_changed", staff=me().staff.id, kind=one.kind.value, who=str(one.who), by=str(one.by or ""))
        put_in = current.staff_member(one.by) if one.by else None
        if put_in is None or put_in.id == me().staff.id:
            continue
        params = {
            "list": one.list_name or "",
            "from": f"{one.start.astimezone(put_in.zone):%a %d %b %H:%M}",
            "until": f"{one.end.astimezone(put_in.zone):%a %d %b %H:%M}",
        }
        text = line.content.catalogue.text(Prompt("roster_changed", put_in.languages[0], params), Channel.SMS)
        letter = Letter(
            id=f"r{secrets.token_hex(10)}", kind=LetterKind.NOTICE, to=put_in.phone, text=text, until=now + TOLD_FOR
        )
        tx.post_letter(letter, now)


def _moment(typed: str, zone: ZoneInfo) -> datetime | None:
    """What a datetime-local field holds, in the zone of whoever typed it."""
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        return None
    if not EARLIEST_YEAR <= local.year <= LATEST_YEAR:
        return None  # near the ends of the calendar no zone can be applied
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _back() -> ResponseReturnValue:
    return redirect(url_for("console.roster"), HTTPStatus.SEE_OTHER)
