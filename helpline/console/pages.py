"""Puts the console into the application: pages, sign-in, cross-site protection, limits, headers."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from flows.roster import StaffId
from helpline.console import (
    account,
    audit_page,
    board,
    case_acts,
    case_page,
    contact,
    filters,
    first_link,
    flows_page,
    forecast_page,
    ledger_page,
    limits_page,
    reports_page,
    roster_page,
    signin,
)
from helpline.console.access import Person, rule_of
from helpline.store import Unavailable
from helpline.wiring import Services

OFTEN_SEEN = timedelta(minutes=1)  # how exactly a visit's last sign of life is kept


PAGES = (
    signin, first_link, account, board, case_page, case_acts, roster_page, flows_page, reports_page, forecast_page,
    ledger_page, limits_page, audit_page,
)  # fmt: skip


def register(app: Flask, line: Services) -> None:
    """Add the staff pages and the call-me form."""
    _settings(app, line)
    csrf = CSRFProtect(app)
    _login(app, line)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", strategy="moving-window")
    staff = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder="static")
    public = Blueprint("contact", __name__, url_prefix="/contact", template_folder="templates")
    for pages in PAGES:
        pages.add(staff, line, limiter)
    contact.add(public, line, limiter)
    for blueprint in (staff, public):
        blueprint.before_request(lambda: _guard(line, csrf))
        _faults(blueprint, line)
        app.register_blueprint(blueprint)
    filters.add(app, line)


def _settings(app: Flask, line: Services) -> None:
    secret = line.settings.lookup_key.get_secret_value()
    app.config.update(
        SECRET_KEY=line.store.vault.keyed("cookie", secret),
        WTF_CSRF_CHECK_DEFAULT=False,  # webhooks are signed by Twilio and know no cookie; our pages are checked below
        WTF_CSRF_TIME_LIMIT=None,  # as long as the cookie: a page left open overnight must still work
        WTF_CSRF_SSL_STRICT=False,  # it would want a Referer, which privacy tools remove; the token is enough
        RATELIMIT_HEADERS_ENABLED=False,
    )


def _login(app: Flask, line: Services) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # it would sign out whoever's phone changes its network

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(visit_id: str) -> Person | None:
        """The person of a visit that is not over, still on the roster."""
        visit, now = line.console.visit(visit_id), line.clock()
        if visit is None or visit.over(now):
            return None
        staff = line.roster.written.staff_member(StaffId(visit.staff_id))
        if staff is None:
            return None
        return Person(staff, signin.seen(line, visit, now) if now - visit.seen > OFTEN_SEEN else visit)


def _guard(line: Services, csrf: CSRFProtect) -> ResponseReturnValue | None:
    """Every request to a staff page passes here: known page, signed in, right role, our own form."""
    if request.endpoint is None or request.endpoint.endswith(".static"):
        return None
    rule = rule_of(current_app.view_functions[request.endpoint])
    if rule is None:
        return _said("This page opens for nobody.", HTTPStatus.FORBIDDEN)
    if rule.role is not None and not current_user.is_authenticated:
        return signin.run_out()
    if rule.role is not None and not current_user.may(rule.role):
        line.store.transact(lambda tx: tx.audit("denied", staff=current_user.staff.id, page=str(request.endpoint)))
        return _said("Your role does not open this page. A supervisor can.", HTTPStatus.FORBIDDEN)
    csrf.protect()
    return None


def _faults(pages: Blueprint, line: Services) -> None:
    @pages.errorhandler(CSRFError)
    def not_ours(_fault: CSRFError) -> ResponseReturnValue:
        """A form without our token: from elsewhere, or from before the cookie was lost."""
        if current_user.is_authenticated:
            flash("That page was too old, so nothing was changed. Please do it again here.", "warn")
            return redirect(url_for("console.board"), HTTPStatus.SEE_OTHER)
        if request.blueprint == "console":
            return signin.run_out()
        return contact.look_over(line)

    @pages.errorhandler(RateLimitExceeded)
    def too_often(_fault: RateLimitExceeded) -> ResponseReturnValue:
        return _said("Too many tries from here. Please wait some minutes and try again.", 429, "too_often")

    @pages.errorhandler(Unavailable)
    def no_store(_fault: Unavailable) -> ResponseReturnValue:
        """Redis is away: say so, and what still works."""
        return _said(
            "The line's memory does not answer, so this page cannot be shown and nothing was changed. "
            "Pages by phone go on as soon as it is back.",
            HTTPStatus.SERVICE_UNAVAILABLE,
            "no_store",
        )

    @pages.errorhandler(HTTPException)
    def other(fault: HTTPException) -> ResponseReturnValue:
        says = {404: "There is nothing at this address.", 405: "This address is for a form."}
        what = says.get(fault.code or 400, "That request could not be read. Nothing was changed.")
        return _said(what, fault.code, "nothing" if fault.code == HTTPStatus.NOT_FOUND else "unread")


def _said(what: str, status: int | None, outside: str = "unread") -> ResponseReturnValue:
    """What staff read; whoever stands before the form on the web site reads its own words of it instead."""
    if request.blueprint == "contact":
        return contact.trouble(outside, status or HTTPStatus.BAD_REQUEST)
    return render_template("console/said.html", what=what), status or HTTPStatus.BAD_REQUEST
