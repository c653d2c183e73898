"""Running TwiML on a leg, verb by verb."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from emulator.documents import Asking, Source
from emulator.journal import Level
from emulator.twiml.document import Dialect, Document, Element, NoDocument
from emulator.voice.leg import Disconnected, Diverted, Goto, Leg
from emulator.voice.params import call_params
from emulator.voice.stage import Stage
from emulator.webhooks import Hook

DOCUMENT_LIMIT = 2000
APPLICATION_ERROR = "We're sorry, an application error has occurred. Goodbye."


@dataclass(frozen=True, slots=True)
class Stop:
    """The script ends here: nothing after this verb is run."""


Move = Goto | Stop | None
Verb = Callable[["Script", Element], Awaitable[Move]]


class Script:
    """One run of TwiML on one leg; in a nested run (waiting music, screening) with its own dialect."""

    def __init__(self, stage: Stage, leg: Leg, verbs: dict[str, Verb], dialect: Dialect = Dialect.VOICE) -> None:
        self.stage, self.leg, self.verbs, self.dialect = stage, leg, verbs, dialect
        self.document = Document((), dialect)
        self.waiting_params: Callable[[], dict[str, str]] = dict

    async def run(self, goto: Goto) -> Move:
        """Run from `goto` until nothing is left to do, and return what ended it.

        Raises `Disconnected` and `Diverted` as the leg does, `NoDocument` when TwiML cannot be had.
        """
        step: Move = goto
        while isinstance(step, Goto):
            self.document = await self.leg.until(self.load(step))
            step = await self._perform()
        return step

    def nested(self, dialect: Dialect) -> "Script":
        """Return a script for another document on the same leg."""
        return Script(self.stage, self.leg, self.verbs, dialect)

    def on(self, leg: Leg, dialect: Dialect) -> "Script":
        """Return a script for another leg."""
        return Script(self.stage, leg, self.verbs, dialect)

    async def load(self, goto: Goto) -> Document:
        """Return the document `goto` points to."""
        self.leg.documents += 1
        if self.leg.documents > DOCUMENT_LIMIT:
            self.error(12400, f"more than {DOCUMENT_LIMIT} TwiML documents in one call: a loop")
            raise NoDocument(12400, "too many documents")
        if goto.hook is None:
            return self.stage.documents.inline(goto.twiml or "", self.leg.sid, self.dialect)
        params = self.params() | self.waiting_params() | goto.params
        asking = Asking(self.leg.sid, params, goto.purpose)
        return await self.stage.documents.fetch(Source(goto.hook, self.leg.fallback), asking, self.dialect)

    def params(self) -> dict[str, str]:
        return call_params(self.leg, self.stage.world.account.sid)

    def action(self, verb: Element, params: dict[str, str]) -> Goto:
        """Return the way to a verb's action URL; without one, to the document's own."""
        url = verb.get("action") or self.document.url or ""
        hook = Hook(self.document.resolve(url), verb.get("method", "POST"))
        return Goto(hook, params=params, purpose=f"{verb.name} action")

    def error(self, code: int, text: str) -> None:
        """Record a TwiML error as Twilio's debugger would."""
        self.stage.world.journal.error(code, text, subject=self.leg.sid, url=self.document.url or "inline")

    def advise(self, text: str) -> None:
        """Record advice of our own: nothing Twilio would refuse, and rarely what was meant."""
        url = self.document.url or "inline"
        self.stage.world.journal.note("warning", subject=self.leg.sid, level=Level.WARNING, code=0, text=text, url=url)

    async def sleep(self, seconds: float) -> None:
        await self.leg.until(self.stage.world.clock.sleep(seconds))

    async def _perform(self) -> Move:
        for verb in self.document.verbs:
            move = await self.verbs[verb.name](self, verb)
            if move is not None:
                return move
        return None


async def drive(script: Script, goto: Goto) -> None:
    """Run a leg's whole life of TwiML, through redirects of the live call, and hang up at the end."""
    leg = script.leg
    step: Goto | None = goto
    while step is not None:
        try:
            await script.run(step)
            step = None
        except Diverted as diverted:
            step = diverted.goto
        except Disconnected:
            return
        except NoDocument:
            leg.answer()
            leg.say("error", APPLICATION_ERROR)
            step = None
    leg.answer()  # even TwiML without a word picks up; only <Reject> does not (Twilio docs, Hangup)
    leg.hang_up()
