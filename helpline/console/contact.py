"""The call-me form of the centre's web site: a number confirmed by a texted code opens a case like any other.

Nobody is paged before the code is given, so that a form cannot be used to have strangers called. It works without
JavaScript, and from a snippet on another site, which only fills this form in.
"""

import json
import secrets
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.events import Channel
from flows.step import Consent, Prompt
from helpline.arrival import clean
from helpline.console import signin
from helpline.console.access import everybody
from helpline.console.contact_case import Request, open_for
from helpline.console.contact_words import WORDS
from helpline.store import Entry, Letter, LetterKind, Transaction, keys
from helpline.wiring import Services

ENTRY = "contact"
FIELDS = ("name", "phone", "how", "times", "about")
LONGEST = 500
WAYS = (Consent.CALL_AND_VOICEMAIL, Consent.CALL_ONLY, Consent.TEXT_ONLY)
TO_ONE, TO_ONE_WITHIN = 3, timedelta(hours=24)  # codes to one number
TO_ALL, TO_ALL_WITHIN = 60, timedelta(hours=1)  # codes in all: more is somebody pumping texts


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The addresses of the form."""

    @pages.get("/")
    @everybody
    def form() -> ResponseReturnValue:
        """The empty form."""
        return show(line, {})

    @pages.post("/")
    @everybody
    @limiter.limit("10 per hour")
    def ask() -> ResponseReturnValue:
        """Text a code to the number, if it is one that the line may reach."""
        words, given = _words(), _given()
        number = line.dialable.number(given["phone"])
        if not number:
            return show(line, given, words["number_wrong"])
        if request.form.get("consent") != "1" or given["how"] not in WAYS:
            return show(line, given, words["consent_wrong"])
        session[ENTRY] = _begin(line, number, given, _language())
        return redirect(url_for("contact.code", lang=_language()), HTTPStatus.SEE_OTHER)

    @pages.get("/<path:anything>")
    @everybody
    def nothing(anything: str) -> ResponseReturnValue:  # noqa: ARG001  whatever it is, it is not here
        """An address that is none, with the way to the form."""
        abort(HTTPStatus.NOT_FOUND)

    @pages.get("/code")
    @everybody
    def code() -> ResponseReturnValue:
        """Ask for the code."""
        return render_template("contact/code.html", t=_words(), lang=_language())

    @pages.post("/code")
    @everybody
    @limiter.limit("20 per hour")
    def confirm() -> ResponseReturnValue:
        """The code opens the case; what is said here is written by then."""
        entry = signin.take(line, session.get(ENTRY, ""), request.form.get("code", ""), line.clock())
        if entry is None or not entry.who:
            flash(_words()["code_wrong"], "warn")
            return redirect(url_for("contact.code", lang=_language()), HTTPStatus.SEE_OTHER)
        session.pop(ENTRY, None)
        script = open_for(line, Request(**json.loads(entry.who)))
        return render_template("contact/done.html", t=_words(), lang=_language(), script=script)


def show(line: Services, given: dict[str, str], wrong: str = "") -> ResponseReturnValue:
    """The form with what was typed; also for one that came from another site and must be looked over here."""
    page = render_template(
        "contact/form.html", t=_words(), lang=_language(), given={"safe": "", **given}, wrong=wrong, ways=WAYS,
        safe_times=line.content.flow.safe_times,
    )  # fmt: skip
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK


def trouble(what: str, status: int) -> ResponseReturnValue:
    """Something is wrong: said in the person's language, below the numbers for help."""
    return render_template("contact/said.html", t=_words(), lang=_language(), what=what), status


def look_over(line: Services) -> ResponseReturnValue:
    """What another site's snippet sent: shown filled in, to be sent from here."""
    return show(line, _given(), _words()["look"])


def _begin(line: Services, number: str, given: dict[str, str], language: str) -> str:
    """Write the request down, sealed, and have its code texted; over a limit nothing is sent and nothing is told."""
    now, entry_id = line.clock(), secrets.token_urlsafe(18)
    digits = signin.new_code()
    key = line.store.vault.caller_key(number)
    many = line.console.tally(keys.limit("confirm", key), TO_ONE_WITHIN) > TO_ONE
    pumped = line.console.tally(keys.limit("confirm", "all"), TO_ALL_WITHIN) > TO_ALL
    known = {**given, "phone": number, "language": language, "id": f"web-{entry_id[:12]}"}
    who = "" if many or pumped else json.dumps(known)
    entry = Entry(id=entry_id, code=signin.hashed(line, entry_id, digits), made_at=now, who=who)

    def decide(tx: Transaction) -> None:
        tx.put(keys.entry(entry_id), entry.to_json(), signin.CODE_LASTS)
        if many or pumped or tx.opted_out(key):
            tx.count(now, "refused.confirm")
            tx.audit("confirm_refused", why="too_many" if many or pumped else "opted_out")
            return
        text = line.content.catalogue.text(Prompt("confirm_number", language, {"code": digits}), Channel.SMS)
        letter = Letter(
            id=f"w{secrets.token_hex(10)}", kind=LetterKind.CONFIRM, to=number, text=text, language=language,
            until=now + signin.CODE_LASTS,
        )  # fmt: skip
        tx.post_letter(letter, now)
        tx.audit("confirm_code")

    line.store.transact(decide)
    return entry_id


def _given() -> dict[str, str]:
    """What was typed and ticked, as plain words."""
    typed = {name: clean(request.form.get(name, ""))[:LONGEST].strip() for name in FIELDS}
    return {**typed, "safe": clean(" ".join(request.form.getlist("safe")))[:LONGEST]}


def _language() -> str:
    asked = request.values.get("lang", "")
    return asked if asked in WORDS else request.accept_languages.best_match(tuple(WORDS)) or "en"


def _words() -> dict[str, str]:
    return WORDS[_language()]
