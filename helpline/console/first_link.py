"""The one-time link that signs an admin in at a line's first start, before anybody's phone can."""

import hmac
import secrets
from datetime import datetime, timedelta
from http import HTTPStatus

import click
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.roster import Role, Staff
from helpline.console.access import everybody
from helpline.console.signin import welcome
from helpline.store import Transaction, Unavailable, keys
from helpline.wiring import Services

FIRST_LASTS = timedelta(hours=24)


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The link's address."""

    @pages.route("/first/<token>", methods=["GET", "POST"])
    @everybody
    @limiter.limit("20 per hour")
    def first(token: str) -> ResponseReturnValue:
        """The one-time link: opened by a button, so that a link preview does not use it up."""
        if request.method == "GET":
            return render_template("console/first.html", token=token)
        staff = _keeper(line)
        if staff is None or not _use_first(line, token):
            flash(
                "That link was used before, or is older than a day. `helpline console-link` prints a new one.", "warn"
            )
            return redirect(url_for("console.sign_in"), HTTPStatus.SEE_OTHER)
        return welcome(line, staff, line.clock(), shared=False, role=Role.ADMIN)


def first_link(line: Services, *, again: bool = False) -> str | None:
    """A one-time admin link; None if somebody has signed in before, unless it is asked for again."""
    token = secrets.token_urlsafe(24)
    hashed = line.store.vault.keyed("first", token)

    def decide(tx: Transaction) -> bool:
        (kept,) = tx.read(keys.FIRST)
        if kept is not None and not again:
            return False
        tx.put(keys.FIRST, {"token": hashed, "until": (line.clock() + FIRST_LASTS).isoformat()}, timedelta(days=3650))
        tx.audit("first_link_made")
        return True

    return f"{line.settings.public_url}/console/first/{token}" if line.store.transact(decide) else None


def announce(line: Services) -> None:
    """Print the first link at the line's first start, once; to the terminal and not to the log, which others read."""
    try:
        link = first_link(line)
    except Unavailable:
        return  # the next start prints it
    if link is not None:
        click.echo(f"Admin     {link}    signs in once, within a day")


def _use_first(line: Services, token: str) -> bool:
    hashed = line.store.vault.keyed("first", token)

    def decide(tx: Transaction) -> bool:
        (kept,) = tx.read(keys.FIRST)
        if not kept or not hmac.compare_digest(kept["token"], hashed):
            return False
        if line.clock() >= datetime.fromisoformat(kept["until"]):
            return False
        tx.put(keys.FIRST, {**kept, "token": ""}, timedelta(days=3650))
        tx.audit("first_link_used")
        return True

    return line.store.transact(decide)


def _keeper(line: Services) -> Staff | None:
    """Whose name an admin by link acts in: the first admin, else the first supervisor."""
    roster = line.roster.now()
    admins = tuple(person for person in roster.staff if person.role is Role.ADMIN)
    found = admins or roster.staff_in_order(roster.supervisors)
    return found[0] if found else None
