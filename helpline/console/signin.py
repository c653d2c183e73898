"""Signing in by a code to the roster phone: once, for ten minutes, for the browser that asked, and not too often."""

import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_login import current_user, login_user, logout_user

from flows.events import Channel
from flows.roster import Contact, Role, Staff, StaffId
from flows.step import Prompt
from helpline.console.access import Person, allowed, everybody, me
from helpline.console.numbers import typed_number
from helpline.store import Entry, Letter, LetterKind, Transaction, Visit, keys
from helpline.wiring import Services

CODE_LASTS = timedelta(minutes=10)
CODE_DIGITS = 6
MOST_TRIES = 5
MOST_CODES, CODES_WINDOW = 6, timedelta(hours=1)  # to one phone
OWN_IDLE, OWN_UNTIL = timedelta(hours=4), timedelta(hours=14)  # a night shift on one's own phone
SHARED_IDLE, SHARED_UNTIL = timedelta(minutes=15), timedelta(hours=2)
ENTRY = "entry"
WANTED = "wanted"


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The pages for coming and going."""
    _asking(pages, line, limiter)
    _entering(pages, line, limiter)

    @pages.post("/sign-out")
    @allowed(Role.RESPONDER)
    def sign_out() -> ResponseReturnValue:
        """End this visit."""
        line.console.end_visit(me().visit.id)
        line.store.transact(lambda tx: tx.audit("signed_out", staff=me().staff.id))
        logout_user()
        return redirect(url_for("console.sign_in"), HTTPStatus.SEE_OTHER)


def _asking(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    @pages.get("/sign-in")
    @everybody
    def sign_in() -> ResponseReturnValue:
        """Ask for the phone."""
        if current_user.is_authenticated:
            return redirect(url_for("console.board"))
        if wanted := _own_path(request.args.get("next", "")):
            session[WANTED] = wanted
        return render_template("console/sign_in.html")

    @pages.post("/sign-in")
    @everybody
    @limiter.limit("20 per 10 minutes")
    def ask() -> ResponseReturnValue:
        """Send a code if the number is a roster phone; the answer is the same if it is not."""
        number = typed_number(request.form.get("phone", ""), line.settings.helpline_number)
        if number is None:
            flash("That is not a phone number we can read. Type it like 717 555 0111.", "warn")
            return redirect(url_for("console.sign_in"), HTTPStatus.SEE_OTHER)
        by = Contact.CALL if request.form.get("by") == "call" else Contact.SMS
        session[ENTRY] = begin(line, line.roster.owner_of(number), number, by, bool(request.form.get("shared")))
        return redirect(url_for("console.code"), HTTPStatus.SEE_OTHER)


def _entering(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    @pages.get("/code")
    @everybody
    def code() -> ResponseReturnValue:
        """Ask for the code."""
        if ENTRY not in session:
            return redirect(url_for("console.sign_in"))
        return render_template("console/code.html")

    @pages.post("/code")
    @everybody
    @limiter.limit("30 per 10 minutes")
    def enter() -> ResponseReturnValue:
        """Let in whoever gives the code."""
        now = line.clock()
        entry = take(line, session.get(ENTRY, ""), request.form.get("code", ""), now)
        staff = line.roster.written.staff_member(StaffId(entry.who)) if entry else None
        if entry is None or staff is None:
            flash("That code is not right, or no longer good. Look at the newest text, or ask for a new code.", "warn")
            return redirect(url_for("console.code"), HTTPStatus.SEE_OTHER)
        session.pop(ENTRY, None)
        return welcome(line, staff, now, shared=entry.shared)


def begin(line: Services, staff: Staff | None, number: str, by: Contact, shared: bool) -> str:  # noqa: FBT001
    """Write down a code and have it sent; gives the entry's id. A number that is nobody's gets an entry and no code."""
    now, entry_id = line.clock(), secrets.token_urlsafe(18)
    digits = new_code()
    many = staff is not None and line.console.tally(keys.limit("code", staff.id), CODES_WINDOW) > MOST_CODES
    who = "" if staff is None or many else staff.id
    entry = Entry(id=entry_id, code=hashed(line, entry_id, digits), made_at=now, who=who, shared=shared)

    def decide(tx: Transaction) -> None:
        tx.put(keys.entry(entry_id), entry.to_json(), CODE_LASTS)
        if staff is None or many:
            tx.count(now, "refused.sign_in")
            tx.audit("sign_in_refused", why="too_many" if many else "unknown_number")
            return
        channel = Channel.SMS if by is Contact.SMS else Channel.VOICE
        text = line.content.catalogue.text(Prompt("sign_in_code", staff.languages[0], {"code": digits}), channel)
        letter = Letter(
            id=f"e{secrets.token_hex(10)}", kind=LetterKind.SIGN_IN, to=number, text=text, by=by,
            language=staff.languages[0], until=now + CODE_LASTS,
        )  # fmt: skip
        tx.post_letter(letter, now)
        tx.audit("sign_in_code", staff=staff.id, by=by.value)

    line.store.transact(decide)
    return entry_id


def take(line: Services, entry_id: str, typed: str, now: datetime) -> Entry | None:
    """The entry whose code this is; it is used up. A wrong code counts, and after five the entry is dead."""

    def decide(tx: Transaction) -> Entry | None:
        (data,) = tx.read(keys.entry(entry_id))
        entry = None if data is None else Entry.from_json(data)
        if entry is None or now - entry.made_at >= CODE_LASTS or entry.tries >= MOST_TRIES:
            return None
        digits = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
        if not hmac.compare_digest(entry.code, hashed(line, entry_id, digits)):
            left = max(CODE_LASTS - (now - entry.made_at), timedelta(seconds=1))
            tx.put(keys.entry(entry_id), replace(entry, tries=entry.tries + 1).to_json(), left)
            tx.audit("code_wrong", staff=entry.who, tries=str(entry.tries + 1))
            return None
        tx.delete(keys.entry(entry_id))
        return entry

    return line.store.transact(decide) if entry_id else None


def welcome(
    line: Services, staff: Staff, now: datetime, *, shared: bool, role: Role | None = None
) -> ResponseReturnValue:
    """Begin a visit, and go on to where the person wanted to be."""
    idle, lasts = (SHARED_IDLE, SHARED_UNTIL) if shared else (OWN_IDLE, OWN_UNTIL)
    visit = Visit(
        id=secrets.token_urlsafe(24), staff_id=staff.id, since=now, seen=now, until=now + lasts, idle=idle,
        device=_device(), shared=shared, role=role,
    )  # fmt: skip
    line.console.keep_visit(visit, now)
    line.store.transact(lambda tx: tx.audit("signed_in", staff=staff.id))
    wanted = session.pop(WANTED, None) or url_for("console.board")
    session.clear()
    login_user(Person(staff, visit))
    return redirect(wanted, HTTPStatus.SEE_OTHER)


def seen(line: Services, visit: Visit, now: datetime) -> Visit:
    """The visit with a newer sign of life."""
    fresh = replace(visit, seen=now)
    line.console.keep_visit(fresh, now)
    return fresh


def run_out() -> ResponseReturnValue:
    """Nobody is signed in (any more): nothing is shown or changed, and what was typed is given back to its writer."""
    if request.headers.get("X-Console-Poll"):
        return "", HTTPStatus.UNAUTHORIZED
    back = request.full_path if request.method == "GET" else request.form.get("back", "")
    if wanted := _own_path(back):
        session[WANTED] = wanted
    if request.method == "GET":
        return redirect(url_for("console.sign_in"))
    typed = request.form.get("text", "")[:2000]
    return render_template("console/run_out.html", typed=typed), HTTPStatus.UNAUTHORIZED


def new_code() -> str:
    """Six digits drawn by the system."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def hashed(line: Services, entry_id: str, digits: str) -> str:
    """What is kept of a code: useless without the lookup key, and for no other entry."""
    return line.store.vault.keyed("code", f"{entry_id}:{digits}")


def _own_path(path: str) -> str | None:
    """A path of the console that one may be sent to; anything else could lead elsewhere."""
    parts = urlsplit(path)
    ours = path.startswith("/console/") and not parts.scheme and not parts.netloc and "\\" not in path
    return path[:300] if ours and not path.startswith("/console/sign-in") else None


def _device() -> str:
    """A few words by which people know their own device again; no more of the browser's name is kept."""
    agent = request.user_agent.string
    for word, name in (("iPhone", "iPhone"), ("Android", "Android phone"), ("iPad", "iPad"), ("Macintosh", "Mac"),
                       ("Windows", "Windows computer"), ("Linux", "Linux computer")):  # fmt: skip
        if word in agent:
            return name
    return "a browser"


__all__ = ["add", "begin", "run_out", "seen", "take", "welcome"]
