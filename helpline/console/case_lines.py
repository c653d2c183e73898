"""The timeline of a case in words that can be read at 3 a.m."""

from collections.abc import Callable, Mapping

from flows.case import CALLER, Line, LineKind, NoticeKind
from flows.events import Channel
from flows.roster import Contact
from helpline.console.asked import Answered

Named = Callable[[str], str]
Asked = Callable[[str], Answered | None]

TOLD = {
    NoticeKind.ALERTED: "that staff have been alerted",
    NoticeKind.STILL_TRYING: "that we are still trying",
    NoticeKind.TAKEN: "that somebody has the case",
    NoticeKind.LOOKING_AGAIN: "that we look for somebody again",
    NoticeKind.MISSED_YOU: "that we called and missed them",
    NoticeKind.HOLD_IS_LONG: "that it takes long",
    NoticeKind.CLAIM_SOON_OVER: "that the time is almost over",
    NoticeKind.CLAIM_OVER: "that the case is open again",
    NoticeKind.CALLER_NOT_REACHED: "that the caller did not answer",
    NoticeKind.CALLER_LEFT: "that the caller hung up",
    NoticeKind.CALLER_IS_BACK: "that the caller is back",
    NoticeKind.RAISED: "that the level has risen",
    NoticeKind.GIVEN: "that the case was given to them",
    NoticeKind.GAVE_AWAY: "that the case is no longer theirs",
    NoticeKind.WITHDRAWN: "that the caller no longer needs us",
    NoticeKind.NOT_SAFE_YET: "that the caller is called when they said it is safe",
    NoticeKind.WORDS_LOST: "that their text did not arrive",
    NoticeKind.TEXT_FAILED: "that their text did not reach the caller",
    NoticeKind.NO_TEXTS: "that the caller wants no texts",
    NoticeKind.ASK_OUTCOME: "to say how it ended",
}
PLAIN = {
    LineKind.CALL_STARTED: "{who} called and is on the line",
    LineKind.CALL_ENDED: "the call ended",
    LineKind.NOBODY_ON_CALL: "nobody was on call for this step",
    LineKind.PASSED: "{who} passed",
    LineKind.RELEASED: "{who} gave the case back",
    LineKind.CLAIM_EXPIRED: "the time of {who} ran out; others are asked again",
    LineKind.RINGING_OWNER: "calling {who}",
    LineKind.RINGING_CALLER: "calling the caller",
    LineKind.STAFF_JOINED: "{who} is on the phone",
    LineKind.STAFF_LEFT: "{who} left the call",
    LineKind.CALLER_JOINED: "the caller is on the phone",
    LineKind.CALLER_LEFT: "the caller left the call",
    LineKind.CONNECTED: "{who} and the caller are talking",
    LineKind.NUMBER_GIVEN: "the caller gave a number to be called back at",
    LineKind.VOICEMAIL: "the caller left a spoken message",
    LineKind.MESSAGE_LEFT: "a neutral message was left on the caller's machine",
    LineKind.RATED: "the caller said how the call was for them",
    LineKind.STEPPED_OUT: "{who} stepped out of the call for a moment",
    LineKind.GUEST_ASKED: "{who} asked for a third person in the call",
    LineKind.GUEST_JOINED: "a third person joined the call",
    LineKind.GUEST_LEFT: "the third person left the call",
    LineKind.RELAYED: "{who} wrote to the caller",
    LineKind.TAKEN_OVER: "{who} took the conversation over from the bot",
    LineKind.GIVEN_BACK: "{who} gave the conversation back to the bot",
}
ENDINGS = {
    "handed_over": "talked and handed over",
    "reached_elsewhere": "reached another way",
    "withdrawn_by_caller": "the caller no longer needs us",
    "transferred_911_988": "passed to 911 or 988",
    "unreachable": "could not be reached",
}
PASSING = frozenset({"leased", "accepted", "due", "uncertain", "superseded"})
"""States of a page that only say how it travels."""
QUIET = frozenset({LineKind.STEP, LineKind.NOTICE})
"""Kinds that say how the engine works and not what happened; they are left out."""


def sentence(line: Line, name: Named, asked: Asked, *, words: bool = True) -> str:  # noqa: C901, PLR0911, PLR0912  one for each kind
    """One line as a sentence; without `words` what the caller or staff wrote is left out."""
    who, detail = name(line.who), line.detail
    match line.what:
        case LineKind.OPENED:
            return f"case opened: {detail.get('level', '')}, {reason(detail.get('reason', ''))}"
        case LineKind.RAISED:
            return f"now {detail.get('level', '')}: {reason(detail.get('reason', ''))}"
        case LineKind.CONSENT if "safe_times" in detail:
            return f"safe to call: {detail['safe_times'].replace(' ', ', ')}"
        case LineKind.CONSENT:
            wish = detail.get("consent", "").replace("_", " ")
            return f"safe to call: {times}" if (times := detail.get("safe_times")) else f"contact wish: {wish}"
        case LineKind.OPTED_OUT:
            return "the caller wants no more texts" if detail.get("out") == "true" else "the caller wants texts again"
        case LineKind.NOTE:
            given = asked(detail.get("text", "")) if words and line.who == CALLER else None
            return f"{who} answered {given}" if given else _note(who, detail, words=words)
        case LineKind.PAGED:
            return f"paging {who} by {'text' if detail.get('channel') == Contact.SMS else 'call'}"
        case LineKind.PAGE_STATE:
            return (
                f"page to {who}: {detail.get('state', '').replace('_', ' ')} {_error(detail.get('error', ''))}".strip()
            )
        case LineKind.CLAIMED:
            return f"{who} took the case by {detail.get('via', '')}"
        case LineKind.GIVEN:
            return f"{who} gave the case to {name(detail.get('to', ''))}"
        case LineKind.CALLER_NOT_REACHED:
            return f"the caller did not answer (try {detail.get('try', '1')})"
        case LineKind.TOLD:
            return _told(who, detail.get("notice", ""))
        case LineKind.CLOSED:
            return f"{who} closed the case: {ENDINGS.get(detail.get('outcome', ''), '')}"
        case known if known in PLAIN:
            return PLAIN[known].format(who=who)
        case other:
            return other.value.replace("_", " ")


def told(line: Line) -> bool:
    """Whether a line is worth reading; the rest says how the engine works."""
    return line.what not in QUIET and not (line.what is LineKind.PAGE_STATE and line.detail.get("state") in PASSING)


def reason(word: str) -> str:
    """Why a case opened, in words."""
    known = {
        "danger": "danger in the caller's words",
        "asked": "asked for a person",
        "unclear": "could not tell whether there is danger",
        "triage": "answers to the questions",
        "call_me": "asked for a call on the web form",
    }
    return known.get(word, word.replace("_", " "))


def _note(who: str, detail: Mapping[str, str], *, words: bool) -> str:
    if "quick_exit" in detail:
        silent = detail["quick_exit"] == "true"
        return f"{who} {'asked us to be silent: somebody may see their phone' if silent else 'is back'}"
    if detail.get("asked"):
        return f"{who} asked for a call now"
    if "channel" in detail:
        return f"{who} came by {'text' if detail['channel'] == Channel.SMS else 'call'} too"
    if not words:
        return f"{who} wrote something"
    return f"{who}: {detail['text']}" if detail.get("text") else f"{who} wrote something that is no longer kept"


def _told(who: str, notice: str) -> str:
    known = {kind.value: said for kind, said in TOLD.items()}
    return f"told {who} {known[notice]}" if notice in known else f"alarm to supervisors: {notice.replace('_', ' ')}"


def _error(code: str) -> str:
    return f"(error {code})" if code else ""
