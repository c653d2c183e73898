"""The flows: the pictures with how many callers are where and where they leave, the review, and a talk with the bot."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from markupsafe import Markup

from flows.draw import draw
from flows.fault import Fault
from flows.loaded import LoadedContent
from flows.review import review
from flows.roster import Role
from helpline.console.access import allowed, me
from helpline.console.figures import hours
from helpline.content.trial import Trial, TrialLine
from helpline.wiring import Services

HERE_WITHIN = timedelta(minutes=30)
LEFT_WITHIN = timedelta(days=7)
MOST_LINES, LONGEST_LINE = 60, 500
TRIAL_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)  # any time: the talk is replayed from its beginning at every answer


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The addresses of the flows."""

    @pages.get("/flows")
    @allowed(Role.RESPONDER)
    def flows() -> ResponseReturnValue:
        """One chart, and what the review says."""
        loaded = line.content.live
        charts = sorted(loaded.charts, key=lambda one: loaded.flow.places.start not in one.nodes)
        chart = next((one for one in charts if one.name == request.args.get("chart")), charts[0])
        line.store.transact(lambda tx: tx.audit("viewed_flows", staff=me().staff.id))
        here, left = _here(line), _left(line)
        notes = {node: _note(here[node], left[node]) for node in chart.nodes if here[node] or left[node]}
        return render_template(
            "console/flows.html", charts=charts, chart=chart, here=here, left=left, loaded=loaded,
            picture=Markup(draw(loaded, chart, notes)),  # noqa: S704  our own drawing, escaped there
            faults=_reviewed(loaded, line.clock().date()), refused=line.content.refused,
        )  # fmt: skip

    @pages.route("/flows/talk", methods=["GET", "POST"])
    @allowed(Role.RESPONDER)
    @limiter.limit("120 per minute")
    def talk() -> ResponseReturnValue:
        """Talk with the bot; nothing of it is kept, and nobody is paged."""
        loaded = line.content.live
        languages = loaded.flow.languages
        language = request.form.get("language", "")
        said = [one[:LONGEST_LINE] for one in request.form.getlist("said") if one.strip()][-MOST_LINES:]
        if text := request.form.get("text", "").strip()[:LONGEST_LINE]:
            said.append(text)
        chosen = language if language in languages else loaded.catalogue.default
        return render_template(
            "console/talk.html", turns=_talked(loaded, chosen, said), said=said, languages=languages, language=chosen
        )


def _talked(loaded: LoadedContent, language: str, said: list[str]) -> list[tuple[str, TrialLine]]:
    trial = Trial(loaded, language, TRIAL_AT)
    turns = [("hi", trial.begin())]
    for one in said:
        try:
            turns.append((one, trial.give(one)))
        except ValueError:  # a command that is none: it is what a caller might text
            turns.append((one, trial.give(f"/sms {one}")))
    return turns


def _here(line: Services) -> Counter[str]:
    return Counter(line.console.present(line.clock() - HERE_WITHIN))


def _left(line: Services) -> Counter[str]:
    until = line.clock()
    found: Counter[str] = Counter()
    for row in line.console.counts(hours(until - LEFT_WITHIN, until)):
        found.update({name.removeprefix("left."): int(many) for name, many in row.items() if name.startswith("left.")})
    return found


def _note(here: int, left: int) -> str:
    return " · ".join(f"{many} {word}" for many, word in ((here, "here"), (left, "left")) if many)


def _reviewed(loaded: LoadedContent, today: date) -> tuple[Fault, ...]:
    """What the review says of this content today; it takes a second, so it is asked once a day and version."""
    return _review(_Content(loaded), today)


class _Content:
    """Content as a key: the same version is the same content."""

    def __init__(self, loaded: LoadedContent) -> None:
        self.loaded = loaded

    def __hash__(self) -> int:
        return hash(self.loaded.flow.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and other.loaded.flow.version == self.loaded.flow.version


@lru_cache(maxsize=4)
def _review(content: _Content, today: date) -> tuple[Fault, ...]:
    return tuple(review(content.loaded, today))
