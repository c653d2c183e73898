"""What TwiML may contain: verbs, nouns, attributes with their values, nesting (Twilio docs, TwiML reference)."""

from dataclasses import dataclass, field

from emulator.twiml import checks as c
from emulator.twiml.checks import Check
from emulator.twiml.document import Dialect


@dataclass(frozen=True, slots=True)
class Spec:
    """One element: attributes, the elements it may hold, whether it holds text, and whether it must."""

    attributes: dict[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool = False
    text_needed: bool = False
    required: frozenset[str] = frozenset()
    codes: dict[str, int] = field(default_factory=dict)


def names(words: str) -> frozenset[str]:
    """Return the words of a string as a set."""
    return frozenset(words.split())


CALL_EVENTS = c.list_of("initiated", "ringing", "answered", "completed")
RECORDING_EVENTS = c.list_of("in-progress", "completed", "absent")
CONFERENCE_EVENTS = c.list_of(
    *["start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"],
)
ACTION: dict[str, Check] = {"action": c.url, "method": c.METHOD}
STATUS: dict[str, Check] = {"statusCallback": c.url, "statusCallbackMethod": c.METHOD}
RECORDING_STATUS: dict[str, Check] = {
    "recordingStatusCallback": c.url,
    "recordingStatusCallbackMethod": c.METHOD,
    "recordingStatusCallbackEvent": RECORDING_EVENTS,
}
DETECTION: dict[str, Check] = {
    "machineDetection": c.one_of("Enable", "DetectMessageEnd"),
    "machineDetectionTimeout": c.whole(3, 59),
    "machineDetectionSpeechThreshold": c.whole(1000, 6000),
    "machineDetectionSpeechEndThreshold": c.whole(500, 5000),
    "machineDetectionSilenceTimeout": c.whole(2000, 10000),
    "amdStatusCallback": c.url,
    "amdStatusCallbackMethod": c.METHOD,
}
SSML = names("break emphasis lang p phoneme prosody s say-as sub w")
SSML_ATTRIBUTES: dict[str, dict[str, Check]] = {
    "break": {"strength": c.anything, "time": c.anything},
    "emphasis": {"level": c.one_of("strong", "moderate", "reduced")},
    "lang": {"xml:lang": c.anything},
    "p": {},
    "phoneme": {"alphabet": c.anything, "ph": c.anything},
    "prosody": {"volume": c.anything, "rate": c.anything, "pitch": c.anything},
    "s": {},
    "say-as": {"interpret-as": c.anything, "format": c.anything, "role": c.anything},
    "sub": {"alias": c.anything},
    "w": {"role": c.anything},
}
NUMBER_TARGET: dict[str, Check] = {
    "url": c.url,
    "method": c.METHOD,
    "byoc": c.anything,
    "statusCallbackEvent": CALL_EVENTS,
} | STATUS
DIAL: dict[str, Check] = (
    ACTION
    | RECORDING_STATUS
    | {
        "timeout": c.whole(1, 600),
        "timeLimit": c.whole(1, 14400),
        "hangupOnStar": c.BOOLEAN,
        "callerId": c.caller_id,
        "answerOnBridge": c.BOOLEAN,
        "sequential": c.BOOLEAN,
        "callReason": c.text(50),
        "referUrl": c.url,
        "referMethod": c.METHOD,
        "recordingConfigurationId": c.anything,
        "passports": c.anything,
        "events": c.anything,
        "ringTone": c.anything,
        "record": c.one_of(
            "do-not-record",
            "record-from-answer",
            "record-from-ringing",
            "record-from-answer-dual",
            "record-from-ringing-dual",
            "true",
            "false",
        ),
        "trim": c.one_of("trim-silence", "do-not-trim"),
        "recordingTrack": c.one_of("both", "inbound", "outbound"),
    }
)
CONFERENCE: dict[str, Check] = (
    STATUS
    | RECORDING_STATUS
    | {
        "muted": c.BOOLEAN,
        "startConferenceOnEnter": c.BOOLEAN,
        "endConferenceOnExit": c.BOOLEAN,
        "beep": c.one_of("true", "false", "onEnter", "onExit"),
        "waitUrl": c.url_or_empty,
        "waitMethod": c.METHOD,
        "maxParticipants": c.whole(2, 250),
        "participantLabel": c.text(128),
        "coach": c.anything,
        "record": c.one_of("do-not-record", "record-from-start"),
        "trim": c.one_of("trim-silence", "do-not-trim"),
        "region": c.anything,
        "jitterBufferSize": c.one_of("off", "small", "medium", "large"),
        "statusCallbackEvent": CONFERENCE_EVENTS,
        "eventCallbackUrl": c.url,
        "recordingConfigurationId": c.anything,
    }
)
GATHER: dict[str, Check] = ACTION | {
    "input": c.list_of("dtmf", "speech"),
    "timeout": c.either(c.whole(1), c.one_of("auto")),
    "numDigits": c.whole(1),
    "finishOnKey": c.one_key,
    "speechTimeout": c.either(c.whole(1), c.one_of("auto")),
    "maxSpeechTime": c.whole(1, 60),
    "speechModel": c.anything,
    "language": c.anything,
    "hints": c.hints,
    "profanityFilter": c.BOOLEAN,
    "partialResultCallback": c.url,
    "partialResultCallbackMethod": c.METHOD,
    "actionOnEmptyResult": c.BOOLEAN,
    "bargeIn": c.BOOLEAN,
    "debug": c.BOOLEAN,
    "enhanced": c.BOOLEAN,
}
RECORD: dict[str, Check] = (
    ACTION
    | RECORDING_STATUS
    | {
        "timeout": c.whole(1),
        "finishOnKey": c.keys,
        "maxLength": c.whole(1, 14400),
        "playBeep": c.BOOLEAN,
        "trim": c.one_of("trim-silence", "do-not-trim"),
        "transcribe": c.BOOLEAN,
        "transcribeCallback": c.url,
        "recordingConfigurationId": c.anything,
    }
)
MESSAGE_ATTRIBUTES: dict[str, Check] = ACTION | {
    "to": c.phone,
    "from": c.anything,
    "statusCallback": c.url,
}

SPECS: dict[str, Spec] = {
    "Say": Spec(
        {"voice": c.anything, "language": c.anything, "loop": c.whole(0)},
        SSML,
        text=True,
        text_needed=True,
        codes={"loop": 13510, "voice": 13511, "language": 13512, "text": 13520},
    ),
    "Play": Spec({"loop": c.whole(0), "digits": c.send_digits}, text=True, codes={"loop": 13410}),
    "Pause": Spec({"length": c.whole(1)}, codes={"length": 13910}),
    "Gather": Spec(
        GATHER,
        names("Say Play Pause"),
        codes={"finishOnKey": 13310, "method": 13312, "timeout": 13313, "numDigits": 13314, "nested": 13320},
    ),
    "Record": Spec(RECORD, codes={"maxLength": 13612, "timeout": 13613, "finishOnKey": 13613}),
    "Dial": Spec(
        DIAL,
        names("Number Conference Queue Client Sip"),
        text=True,
        codes={
            "action": 13210,
            "method": 13211,
            "timeout": 13212,
            "hangupOnStar": 13213,
            "callerId": 13214,
            "nested": 13215,
            "timeLimit": 13216,
        },
    ),
    "Number": Spec(
        NUMBER_TARGET | {"sendDigits": c.send_digits, "phoneNumberSid": c.anything} | DETECTION,
        text=True,
        text_needed=True,
        codes={"method": 13221, "sendDigits": 13222, "text": 13223},
    ),
    "Client": Spec(NUMBER_TARGET, names("Identity Parameter"), text=True),
    "Sip": Spec(NUMBER_TARGET | {"username": c.anything, "password": c.anything} | DETECTION, text=True),
    "Identity": Spec(text=True, text_needed=True),
    "Parameter": Spec({"name": c.anything, "value": c.anything}),
    "Conference": Spec(
        CONFERENCE,
        text=True,
        text_needed=True,
        codes={
            "muted": 13230,
            "endConferenceOnExit": 13231,
            "startConferenceOnEnter": 13232,
            "waitUrl": 13233,
            "waitMethod": 13234,
        },
    ),
    "Queue": Spec(
        {"url": c.url, "method": c.METHOD, "reservationSid": c.anything, "postWorkActivitySid": c.anything},
        text=True,
    ),
    "Enqueue": Spec(
        ACTION
        | {
            "waitUrl": c.url_or_empty,
            "waitUrlMethod": c.METHOD,
            "maxQueueSize": c.whole(1, 5000),
            "workflowSid": c.anything,
        },
        names("Task"),
        text=True,
    ),
    "Task": Spec({"priority": c.whole(0), "timeout": c.whole(0)}, text=True),
    "Leave": Spec(),
    "Hangup": Spec(children=names("Parameter")),
    "Reject": Spec({"reason": c.one_of("rejected", "busy")}, names("Parameter")),
    "Redirect": Spec({"method": c.METHOD}, text=True, text_needed=True, codes={"method": 13710, "text": 11100}),
    "Refer": Spec(ACTION, names("Sip ReferSip")),
    "ReferSip": Spec(text=True, text_needed=True),
    "Message": Spec(MESSAGE_ATTRIBUTES, names("Body Media"), text=True, codes={"to": 14101, "from": 14102}),
    "Sms": Spec(MESSAGE_ATTRIBUTES, text=True, text_needed=True, codes={"to": 14101, "from": 14102}),
    "Body": Spec(text=True, text_needed=True),
    "Media": Spec(text=True, text_needed=True),
}

# Verbs and nouns of products that are not played here; they are named in a warning and passed over.
NOT_PLAYED = names(
    "Connect Start Stop Pay Prompt Echo Application ApplicationSid Sim WhatsApp Headers Uri Header Config Language "
    "AiSession Autopilot Conversation ConversationRelay ConversationRelaySession Room Stream VirtualAgent Recording "
    "Siprec Transcription"
)

SPECS |= {name: Spec(SSML_ATTRIBUTES[name], SSML, text=True) for name in SSML}

TOP: dict[Dialect, frozenset[str]] = {
    Dialect.VOICE: names("Say Play Pause Gather Record Dial Enqueue Leave Hangup Reject Redirect Refer Message Sms"),
    Dialect.MESSAGING: names("Message Redirect Sms"),
    Dialect.SCREEN: names("Say Play Gather Hangup"),
    Dialect.CONFERENCE_WAIT: names("Say Play Pause Redirect"),
    Dialect.QUEUE_WAIT: names("Say Play Pause Gather Hangup Redirect Leave"),
}
