"""Limits and blocks: what the line answered with the short text, and who is answered so, why and until when."""

import re
from dataclasses import asdict
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.roster import Role
from helpline.arrival import clean
from helpline.console.access import allowed, me
from helpline.console.case_page import open_to_me
from helpline.console.figures import hours
from helpline.console.filters import BLOCK_DAYS
from helpline.console.numbers import masked, typed_number
from helpline.store.counters import Block, block, unblock
from helpline.wiring import Services

LONGEST = 200
A_NUMBER = re.compile(r"(?:\d[ ().-]?){7,}")
MOST_WORDS = {
    "texts_a_minute": "texts from one person in a minute",
    "texts_an_hour": "texts from one person in an hour",
    "times_as_many_with_a_case": "times as many while they have an open case",
    "calls_in_ten_minutes": "calls from one person in ten minutes",
    "line_texts_a_minute": "texts to the line in a minute",
    "line_calls_a_minute": "calls to the line in a minute",
    "new_numbers_in_ten_minutes": "different numbers in ten minutes, then supervisors get an alarm",
    "same_words_in_a_row": "times the same sentence and nothing else in an hour, then one answer in ten minutes",
}
SHORT_WORDS = {
    "short.limited.sms": "texts over a limit",
    "short.limited.voice": "calls over a limit",
    "short.blocked.sms": "texts of blocked callers",
    "short.blocked.voice": "calls of blocked callers",
    "short.repeated.sms": "texts that said the same again and again, answered",
    "short.hushed.sms": "the same, not answered",
    "refused.sign_in": "sign-in codes not sent",
    "refused.confirm": "web form codes not sent",
}


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The addresses of limits and blocks."""

    @pages.get("/limits")
    @allowed(Role.SUPERVISOR)
    def limits() -> ResponseReturnValue:
        """Counts, limits, and the list of blocks."""
        line.store.transact(lambda tx: tx.audit("viewed_limits", staff=me().staff.id))
        now = line.clock()
        return render_template(
            "console/limits.html", blocks=[_shown(line, key, one) for key, one in line.counters.blocks(now)],
            day=_counts(line, now, timedelta(days=1)), week=_counts(line, now, timedelta(days=7)), words=SHORT_WORDS,
            most=[(MOST_WORDS[name], value) for name, value in asdict(line.limits.most).items()],
        )  # fmt: skip

    @pages.post("/limits/block")
    @allowed(Role.SUPERVISOR)
    @limiter.limit("30 per hour")
    def block_number() -> ResponseReturnValue:
        """Block whoever has this number."""
        number = typed_number(request.form.get("phone", ""), line.settings.helpline_number)
        if number is None:
            return _back("That is not a phone number we can read. Nobody was blocked.", "warn")
        if line.roster.owner_of(number) is not None:
            return _back("That is a phone of staff. Nobody was blocked.", "warn")
        return _block(line, line.store.vault.caller_key(number))

    @pages.post("/cases/<case_id>/block")
    @allowed(Role.SUPERVISOR)
    @limiter.limit("30 per hour")
    def block_case(case_id: str) -> ResponseReturnValue:
        """Block the caller of this case."""
        return _block(line, open_to_me(line, case_id).caller_key)

    @pages.post("/limits/unblock")
    @allowed(Role.SUPERVISOR)
    def unblock_caller() -> ResponseReturnValue:
        """Take a block back before it expires."""
        wanted = request.form.get("block", "")
        found = next((key for key, _ in line.counters.blocks(line.clock()) if _id(line, key) == wanted), None)
        if found is None:
            return _back("That block is gone already.", "warn")
        line.store.transact(lambda tx: unblock(tx, found, me().staff.id))
        return _back("The block is taken back.", "good")


def _block(line: Services, caller_key: str) -> ResponseReturnValue:
    reason = clean(request.form.get("reason", ""))[:LONGEST].strip()
    days = request.form.get("days", "")
    if not reason or days not in BLOCK_DAYS:
        return _back("Say why and for how long. Nobody was blocked.", "warn")
    if A_NUMBER.search(reason):
        return _back("The reason must hold no phone number. Nobody was blocked.", "warn")
    now = line.clock()
    why = Block(reason, me().staff.id, now + timedelta(days=int(days)))
    line.store.transact(lambda tx: block(tx, caller_key, why, now))
    return _back(f"Blocked for {BLOCK_DAYS[days]}. Words of danger and an open case still reach a person.", "good")


def _back(said: str, kind: str) -> ResponseReturnValue:
    flash(said, kind)
    return redirect(url_for("console.limits"), HTTPStatus.SEE_OTHER)


def _id(line: Services, caller_key: str) -> str:
    """How a page names a block without naming the caller, even by the key they are known by inside."""
    return line.store.vault.keyed("shown_block", caller_key)


def _shown(line: Services, caller_key: str, one: Block) -> dict[str, object]:
    caller = line.store.caller(caller_key)
    number = masked(caller.number) if caller is not None and caller.number else "number not kept"
    return {"id": _id(line, caller_key), "number": number, "reason": one.reason, "by": one.by, "until": one.until}


def _counts(line: Services, now: datetime, span: timedelta) -> dict[str, int]:
    rows = line.console.counts(hours(now - span, now))
    return {name: sum(int(row.get(name, 0)) for row in rows) for name in SHORT_WORDS}
