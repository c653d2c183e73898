"""What the web server says and refuses so that a browser, a proxy or a stranger sees no more than they must.

The pages hold records of addiction: nothing of them is cached, framed, sent on as a referrer, or run from elsewhere.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings

Headers = list[tuple[str, str]]

LARGEST_FORM = 128 * 1024  # bytes; a Twilio webhook has a few kB
MOST_PARTS = 1_000
LONGEST_VISIT_S = 12 * 3600  # one shift; a forgotten browser is then nobody's
HSTS = "max-age=63072000; includeSubDomains"  # two years, as browsers' preload lists ask (hstspreload.org)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Own files only, and nothing inline: words of a caller that reach a page can never become a script."""

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def guard(app: Flask, settings: Settings) -> None:
    """Set limits, cookies and headers."""
    limit(app, settings)
    _add_headers(app, secure=_secure(settings))


def limit(app: Flask, settings: Settings) -> None:
    """Set limits and cookies."""
    secure = _secure(settings)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_PARTS,
        SESSION_COOKIE_NAME="__Host-helpline"
        if secure
        else "helpline",  # __Host-: no other host may set it (RFC 6265bis)
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=LONGEST_VISIT_S,
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Strict",
    )


def believe_proxies(app: Flask, settings: Settings) -> None:
    """Believe exactly as many proxies as the operator counted."""
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def with_headers(answer: WSGIApplication, settings: Settings) -> WSGIApplication:
    """The same headers for an application that sets none itself, beneath Flask: there they cost a turn a fortieth."""
    always = [*_always(secure=_secure(settings)).items(), ("Cache-Control", "no-store")]

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: Headers, *fault: Any) -> Callable[[bytes], object]:
            return start_response(status, headers + always, *fault)

        return answer(environ, begin)

    return answered


def _secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https:")


def _always(*, secure: bool) -> Mapping[str, str]:
    return HEADERS | ({"Strict-Transport-Security": HSTS} if secure else {})


def _add_headers(app: Flask, *, secure: bool) -> None:
    always = _always(secure=secure)

    @app.after_request
    def headers(answer: Response) -> Response:
        given = {name.lower() for name in answer.headers.keys()}  # noqa: SIM118  not a mapping
        answer.headers.extend({name: value for name, value in always.items() if name.lower() not in given})
        if request.endpoint is None or not request.endpoint.endswith("static"):
            answer.headers["Cache-Control"] = "no-store"
        return answer
