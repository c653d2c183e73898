"""The board: open cases, most serious and longest waiting first, kept up to date."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.roster import Role, Roster, everyone, on_call
from helpline.console.access import allowed, me
from helpline.console.board_rows import BoardRow, rows
from helpline.wiring import Services

CHANGES = "X-Console-Changes"


def add(pages: Blueprint, line: Services, _limiter: Limiter) -> None:
    """The board's addresses."""

    @pages.get("/")
    @allowed(Role.RESPONDER)
    def board() -> ResponseReturnValue:
        """The whole page; without JavaScript it loads itself anew."""
        changes = line.console.changes()
        line.store.transact(lambda tx: tx.audit("viewed_board", staff=me().staff.id))
        return render_template("console/board.html", changes=changes, **_shown(line))

    @pages.get("/board/rows")
    @allowed(Role.RESPONDER)
    def board_rows() -> ResponseReturnValue:
        """The rows alone if anything changed since `since`, else an empty answer."""
        changes = line.console.changes()
        if request.args.get("since") == str(changes):
            return "", HTTPStatus.NO_CONTENT
        page = Response(render_template("console/_board_part.html", **_shown(line)))
        page.headers[CHANGES] = str(changes)
        return page

    @pages.get("/board")
    @allowed(Role.RESPONDER)
    def old_board() -> ResponseReturnValue:
        return redirect(url_for("console.board"))

    @pages.get("/<path:anything>")
    @allowed(Role.RESPONDER)
    def nothing(anything: str) -> ResponseReturnValue:  # noqa: ARG001  whatever it is, it is not here
        """An address that is none, in words and with a way back."""
        abort(HTTPStatus.NOT_FOUND)


def names(roster: Roster) -> dict[str, str]:
    """First names by id: the board needs hundreds at once."""
    return {person.id: person.first_name for person in roster.staff}


def _shown(line: Services) -> dict[str, object]:
    now, roster = line.clock(), line.roster.now()
    named = names(roster)
    shown = rows(line.store.open_cases(), me().staff.id, lambda who: named.get(who, "somebody who left"))
    on_now = [named[staff_id] for staff_id in on_call(roster, now)]
    others = [roster.staff_member(staff_id) for staff_id in everyone(roster, now) if staff_id != me().staff.id]
    return {
        "rows": shown,
        "counts": counts(shown),
        "on_now": on_now,
        "others": [one for one in others if one],
        "now": now,
    }


def counts(shown: tuple[BoardRow, ...]) -> dict[str, int]:
    """How many wait and how many are with somebody."""
    waiting = sum(row.waiting for row in shown)
    return {"waiting": waiting, "taken": len(shown) - waiting, "danger": sum(row.loud for row in shown)}
