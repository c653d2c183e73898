"""The composition root: settings in, services out. Nothing else in the program creates what it uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from config.redis_address import is_sentinel, read_sentinel
from config.settings import Settings
from flows.bridging import room_of
from flows.case import Case
from flows.step import Prompt
from helpline.calls.holding import HoldDesk
from helpline.calls.voicemail import Voicemail
from helpline.channels.voice import Addresses, Door, VoiceRenderer
from helpline.chores import Chores
from helpline.consequences import Consequences
from helpline.content.live import LiveContent
from helpline.content.watch import ContentWatch
from helpline.conversation import Conversations
from helpline.gateway.copies import Copies
from helpline.gateway.elsewhere import Elsewhere
from helpline.gateway.lists import Lists
from helpline.gateway.numbers import Numbers
from helpline.gateway.reachable import is_a_line
from helpline.gateway.rest import Gateway, Sender
from helpline.gateway.services import MessagingServices
from helpline.ledger.book import Ledger
from helpline.ledger.late_answers import LateAnswers
from helpline.ledger.reconcile import Reconciler
from helpline.limits import Limits, Most
from helpline.outbox import Outbox
from helpline.paging.dialable import Dialable, of_line
from helpline.paging.dialling import Dialling
from helpline.paging.dispatch import Dispatch
from helpline.paging.errands import Errands
from helpline.paging.letters import PostOffice
from helpline.paging.no_texts import NoTexts
from helpline.paging.pager import Pager
from helpline.paging.relay import Relays
from helpline.paging.staff_phones import StaffPhones
from helpline.paging.whose_number import WhoseNumber
from helpline.paging.wording import Wording
from helpline.privacy.forgetting import Forgetting
from helpline.privacy.keeping import Keeping
from helpline.privacy.vault import Vault
from helpline.running.fault_points import FaultPoints, Faults, NoFaults
from helpline.running.turn_times import TurnTimes
from helpline.safe_answer import SafeAnswer
from helpline.staff.desk import StaffDesk
from helpline.staff.duty import StaffDuty
from helpline.staff.numbers import StaffNumbers
from helpline.staff.roster_source import RosterSource
from helpline.store import ConsoleStore, RedisStore, Retention
from helpline.store.audit import AuditTrail
from helpline.store.counters import Counters
from helpline.store.expiry import Expiry
from helpline.store.primary import Waits, primary
from helpline.timetable import privacy_timetable, timetable

REDIS_CONNECT_S, REDIS_ANSWER_S = 0.5, 0.6
"""A caller must have an answer within 2 s even when Redis hangs (design, section 4), and one retry is made."""

SENTINEL_S = 0.25
"""A Sentinel that is down or silent may cost no more: three of them are asked, twice, within the 2 s a caller has."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a process of the line needs."""

    settings: Settings
    clock: Clock
    store: RedisStore
    content: LiveContent
    roster: RosterSource
    addresses: Addresses
    gateway: Gateway
    no_texts: NoTexts
    conversations: Conversations
    dispatch: Dispatch
    errands: Errands
    post: PostOffice
    console: ConsoleStore
    audit: AuditTrail
    pager: Pager
    ledger: Ledger
    reconciler: Reconciler
    chores: Chores
    forgetting: Forgetting
    keeping: Keeping
    staff: StaffDesk
    duty: StaffDuty
    numbers: StaffNumbers
    safe: SafeAnswer
    faults: Faults
    dialable: Dialable
    limits: Limits
    counters: Counters
    hold: HoldDesk
    voicemail: Voicemail
    turn_times: TurnTimes

    def watch_content(self) -> ContentWatch:
        """Let changed content files go live in this process without a restart."""
        watch = ContentWatch(self.content, self.settings.content_dir, self.clock)
        watch.start()
        return watch

    def voice(self) -> VoiceRenderer:
        """Renders in the words of the live content."""
        return VoiceRenderer(self.content.catalogue, self.addresses)

    def room(self, prompts: Sequence[Prompt], case: Case, after: str, *, staff: bool = False) -> str:
        """The document that brings a leg into the room of a case; the owner's leaving ends it, `*` leads them out."""
        ids: dict[str, str | int] = {"c": case.id, "n": case.bridges}
        door = Door(
            room=room_of(case),
            after=self.addresses.of(after, ids),
            events=self.addresses.of("room", ids),
            ends_with_me=staff,
            star=staff,
            most=2 if case.guest is None else 3,
        )
        return self.voice().conference(prompts, door)


def utc_now() -> datetime:
    """The one clock of the program."""
    return datetime.now(UTC)


def connect(settings: Settings, *, answer_s: float | None = REDIS_ANSWER_S) -> Redis:
    """A connection pool to the line's Redis; `answer_s` None for a worker, which waits for jobs."""
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))  # a stale connection, not a slow server
    trust = {"ssl_ca_certs": str(settings.redis_ca_file)} if settings.redis_ca_file else {}
    if is_sentinel(settings.redis_address):
        group = read_sentinel(settings.redis_address)
        return primary(group, retry, Waits(REDIS_CONNECT_S, answer_s, SENTINEL_S), trust)
    return Redis.from_url(
        settings.redis_address, socket_connect_timeout=REDIS_CONNECT_S, socket_timeout=answer_s, retry=retry, **trust
    )


def vault_of(settings: Settings) -> Vault:
    """What seals and opens with this line's keys."""
    return Vault([key.get_secret_value() for key in settings.secret_keys], settings.lookup_key.get_secret_value())


def store_of(settings: Settings, redis: Redis) -> RedisStore:
    """The line's memory alone."""
    return RedisStore(redis, vault_of(settings), Outbox(redis), Retention())


def staff_key(settings: Settings, store: RedisStore) -> Callable[[str], str] | None:
    """The key under which a staff number counts as verified; None in a demo, whose people are made up."""
    return None if settings.demo else store.vault.caller_key


def build(settings: Settings, clock: Clock = utc_now) -> Services:
    """Build the services.

    Raises:
        ContentFaults, RosterFaults: content or roster cannot be used; each says every reason.

    """
    redis = connect(settings)
    store = store_of(settings, redis)
    content = LiveContent.from_directory(settings.content_dir, store)
    roster = RosterSource.from_file(settings.roster_file, store.live_roster, staff_key(settings, store))
    addresses = Addresses(settings.public_url)
    dispatch = Dispatch(store, roster, clock)
    no_texts = NoTexts(store, dispatch, clock)
    gateway = Gateway(
        settings.account_sid,
        settings.auth_token.get_secret_value(),
        settings.api_url,
        Sender(settings.helpline_number, settings.messaging_service),
        no_texts_to=no_texts.wished_by,
        blocked=no_texts.learned,
    )
    faults = FaultPoints(settings.faults, settings.var_dir) if settings.test_build else NoFaults()
    wording = Wording(content, roster)
    duty, relays = StaffDuty(store, roster, wording, clock), Relays(roster, clock)
    conversations = Conversations(store, content, roster, addresses, Consequences(content, relays), faults)
    errands = Errands(
        store=store,
        dispatch=dispatch,
        conversations=conversations,
        gateway=gateway,
        wording=wording,
        roster=roster,
        addresses=addresses,
        clock=clock,
    )
    dialable = of_line(settings.helpline_number, (settings.fallback_number,))
    counters = Counters(store)
    dialling = Dialling(dialable, counters)
    pager = Pager(
        store=store,
        dispatch=dispatch,
        gateway=gateway,
        wording=wording,
        addresses=addresses,
        numbers=WhoseNumber(store, roster, wording, dialling, settings.fallback_number, settings.monitor_number),
        phones=StaffPhones(store, clock),
        dialling=dialling,
        faults=faults,
        clock=clock,
    )
    ledger = Ledger(store, content, roster, clock)
    copies = Copies(gateway)
    forgetting = Forgetting(store, copies, clock)
    keeping = Keeping(store, Expiry(redis, store.vault, store.retention), copies, clock)
    audit = AuditTrail(store)
    desk = StaffDesk(store, dispatch, content, wording, duty, relays, clock)
    late = LateAnswers(store, conversations, dispatch, desk, roster.staff_with_number, clock)
    elsewhere = Elsewhere(
        Numbers(gateway),
        MessagingServices(gateway),
        lambda base: is_a_line(base, settings.auth_tokens[0]),
        settings.messaging_service,
        settings.public_url,
    )
    reconciler = Reconciler(store, Lists(gateway), content, dispatch, late, clock, elsewhere.line)
    return Services(
        settings=settings,
        clock=clock,
        store=store,
        content=content,
        roster=roster,
        addresses=addresses,
        gateway=gateway,
        no_texts=no_texts,
        conversations=conversations,
        dispatch=dispatch,
        errands=errands,
        console=ConsoleStore(store),
        audit=audit,
        post=PostOffice(store, dispatch, gateway, addresses, clock),
        pager=pager,
        ledger=ledger,
        reconciler=reconciler,
        chores=Chores(
            store,
            clock,
            {**timetable(ledger, reconciler, roster, audit, duty), **privacy_timetable(forgetting, keeping)},
        ),
        staff=desk,
        duty=duty,
        numbers=StaffNumbers(store, roster, wording, clock),
        forgetting=forgetting,
        keeping=keeping,
        safe=SafeAnswer(
            catalogue=content.catalogue,
            lexicon=content.flow.lexicon,
            fallback_number=settings.fallback_number,
            helpline_number=settings.helpline_number,
            again=addresses.of("voice/fallback"),
        ),
        faults=faults,
        dialable=dialable,
        counters=counters,
        limits=Limits(counters, content, ledger.tell_supervisors, clock, _most(settings)),
        hold=HoldDesk(store, content, addresses, wording.facts, settings.fallback_number, clock),
        voicemail=Voicemail(store, dispatch, gateway, clock),
        turn_times=TurnTimes(store.raise_metrics),
    )


def _most(settings: Settings) -> Most:
    return Most(line_texts_a_minute=settings.texts_a_minute, line_calls_a_minute=settings.calls_a_minute)
