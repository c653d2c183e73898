"""Fetching TwiML: primary URL, then fallback URL, then nothing; each failure recorded with Twilio's code."""

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.journal import Level
from emulator.signing import Product
from emulator.twiml.document import Dialect, Document, Element, NoDocument
from emulator.twiml.reading import read
from emulator.webhooks import Hook, Reply, Request
from emulator.world import World, is_xml, media_type


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document comes from, and where to turn if that fails."""

    hook: Hook
    fallback: Hook | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """On whose behalf a document is fetched: the SID it is about, and the parameters to send."""

    subject: str
    params: Mapping[str, str]
    purpose: str


class Documents:
    """Fetches and reads TwiML for one dialect's worth of runs."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def fetch(self, source: Source, asking: Asking, dialect: Dialect) -> Document:
        """Return the TwiML at `source`. Raises `NoDocument` when primary and fallback both fail."""
        try:
            return await self._fetch(source.hook, asking, dialect)
        except NoDocument as failure:
            self._world.journal.error(failure.code, failure.text, subject=asking.subject, url=source.hook.url)
            if source.fallback is None:
                raise
            extra = {"ErrorCode": str(failure.code), "ErrorUrl": source.hook.url}
            again = Asking(asking.subject, {**asking.params, **extra}, f"{asking.purpose}, fallback")
        try:
            return await self._fetch(source.fallback, again, dialect)
        except NoDocument as failure:
            self._world.journal.error(failure.code, failure.text, subject=asking.subject, url=source.fallback.url)
            raise

    def inline(self, twiml: str, subject: str, dialect: Dialect) -> Document:
        """Return TwiML given in a REST request."""
        try:
            return self._report(read(twiml.encode(), dialect), subject)
        except NoDocument as failure:
            self._world.journal.error(failure.code, failure.text, subject=subject, url="inline")
            raise

    async def _fetch(self, hook: Hook, asking: Asking, dialect: Dialect) -> Document:
        product = Product.MESSAGING if dialect is Dialect.MESSAGING else Product.VOICE
        call = Request(hook, asking.params, product, asking.subject, asking.purpose)
        reply = await self._world.webhooks.send(call)
        if reply.code:
            raise NoDocument(reply.code, reply.text)
        return self._report(_interpret(reply, hook, dialect), asking.subject)

    def _report(self, document: Document, subject: str) -> Document:
        for problem in document.problems:
            self._world.journal.note(
                "error" if problem.code else "warning",
                subject=subject,
                level=Level.ERROR if problem.code else Level.WARNING,
                code=problem.code,
                text=problem.text,
                url=document.url or "inline",
            )
        return document


def _interpret(reply: Reply, hook: Hook, dialect: Dialect) -> Document:
    """Return what the answer means by its content type (Twilio docs, TwiML: MIME types)."""
    kind = media_type(reply.content_type)
    if dialect is Dialect.MESSAGING and reply.status == 204:
        return Document((), dialect, reply.url, hook.method)
    if is_xml(reply.content_type):
        return read(reply.body, dialect, url=reply.url, method=hook.method)
    if kind == "text/plain":
        return _plain(reply, hook, dialect)
    if kind.startswith("audio/") and dialect is not Dialect.MESSAGING:
        return Document((Element("Play", {}, (), reply.url),), dialect, reply.url, hook.method)
    raise NoDocument(12300, f"Invalid Content-Type: {reply.content_type or 'none'} from {reply.url}")


def _plain(reply: Reply, hook: Hook, dialect: Dialect) -> Document:
    """Return plain text as what Twilio makes of it: texted to the sender, or spoken before hanging up."""
    text = reply.body.decode("utf-8", "replace")
    name = "Message" if dialect is Dialect.MESSAGING else "Say"
    verbs = (Element(name, {}, (), text),) if text.strip() else ()
    return Document(verbs, dialect, reply.url, hook.method)
