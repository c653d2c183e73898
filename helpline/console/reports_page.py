"""Reports: counts and waits, as cards, tables, plots and CSV. No person is in them."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.roster import Role
from flows.urgency import Urgency
from helpline.console.access import allowed, me
from helpline.console.asked import place
from helpline.console.figures import Figures, figures, hours
from helpline.wiring import Services

SPANS = {"1": "24 hours", "7": "7 days", "28": "28 days", "90": "90 days"}
PICTURE = "default-src 'none'; style-src 'unsafe-inline'"  # the picture's own colours; it runs nothing


def add(pages: Blueprint, line: Services, _limiter: Limiter) -> None:
    """The addresses of the reports."""

    @pages.get("/reports")
    @allowed(Role.SUPERVISOR)
    def reports() -> ResponseReturnValue:
        """Cards, plots and tables."""
        days = _days()
        line.store.transact(lambda tx: tx.audit("viewed_reports", staff=me().staff.id, days=days))
        found = _figures(line, days)
        live, language = line.content.live, me().staff.languages[0]
        left = [(f"{node}: {place(live, language, node)}", many) for node, many in found.under("left")]
        return render_template("console/reports.html", figures=found, days=days, spans=SPANS, left=left)

    @pages.get("/reports/<name>.svg")
    @allowed(Role.SUPERVISOR)
    def plot(name: str) -> ResponseReturnValue:
        """One plot."""
        from helpline.console import plots  # their library costs a tenth of a second: not at every start

        draw, tone = plots.PLOTS.get(name), plots.TONES.get(request.args.get("tone", "dark"))
        if draw is None or tone is None:
            abort(404)
        return picture(draw(_figures(line, _days()), tone))

    @pages.get("/reports.csv")
    @allowed(Role.SUPERVISOR)
    def reports_csv() -> ResponseReturnValue:
        """Every figure of the page, one a line."""
        days = _days()
        line.store.transact(lambda tx: tx.audit("exported_report", staff=me().staff.id, days=days))
        out = io.StringIO()
        csv.writer(out).writerows([("figure", "name", "value"), *_rows(_figures(line, days))])
        page = Response(out.getvalue(), mimetype="text/csv")
        page.headers["Content-Disposition"] = f"attachment; filename=helpline-{days}-days.csv"
        return page


def picture(drawn: bytes) -> Response:
    """A drawing of ours as an answer."""
    page = Response(drawn, mimetype="image/svg+xml")
    page.headers["Content-Security-Policy"] = PICTURE
    return page


def _days() -> str:
    asked = request.args.get("days", "7")
    return asked if asked in SPANS else "7"


def _figures(line: Services, days: str) -> Figures:
    until = line.clock()
    since = until - timedelta(days=int(days))
    names = hours(since, until)
    targets = {level.word: int(line.content.policy.level(level).human_within.total_seconds()) for level in Urgency}
    return figures(since, until, me().staff.zone, zip(names, line.console.counts(names), strict=True), targets)


def _rows(found: Figures) -> Iterator[tuple[str, str, object]]:
    for hour, row in enumerate(found.by_hour):
        yield "texts by hour", f"{hour:02}", row["contact.sms"]
        yield "calls by hour", f"{hour:02}", row["contact.voice"]
    for kind, waits in (("claim", found.to_claim), ("human contact", found.to_contact)):
        for one in waits:
            yield f"{kind}, cases", one.level, len(one.seconds)
            yield f"{kind}, p50 seconds", one.level, one.at(50)
            yield f"{kind}, p90 seconds", one.level, one.at(90)
    for one in found.to_contact:
        yield "human contact, % in target", one.level, one.in_target
    for name, many in sorted(found.totals.items()):
        yield "count", name, many
