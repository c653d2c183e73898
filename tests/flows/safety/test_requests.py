"""Opt-outs in the carriers' words and people's own, and asking for a person."""

import pytest

from flows.safety import Lexicon, OptOut, asks_for_person, opt_out


@pytest.mark.parametrize(
    "said",
    [
        "STOP",
        "stop.",
        "Stopall",
        "UNSUBSCRIBE",
        "cancel",
        "END",
        "quit",
        "Revoke",
        "opt out",
        "OPTOUT",
        "opt-out",
        "ALTO",
        "parar",
        "pare",
        "basta!",
        "cancelar",
        "dar de baja",
        "salir",
        "stop texting me",
        "please stop messaging me",
        "remove me from your list",
        "no more texts",
        "leave me alone",
        "do not contact me again",
        "dont text me anymore",
        "wrong number",
        "take me off this list",
        "no me escriban mas",
        "dejen de mandarme mensajes",
        "numero equivocado",
        "i want to opt out",
    ],
)
def test_it_is_an_opt_out(lexicon: Lexicon, said: str) -> None:
    assert opt_out(said, lexicon) is OptOut.STOP


@pytest.mark.parametrize(
    "said",
    [
        "end it",
        "make it stop",
        "i want it to stop",
        "I want to quit drinking",
        "i need to stop using",
        "cancel everything",
        "my ex wont stop texting me",
        "he wont leave me alone",
        "i cant stop",
        "when does it end",
        "hello",
        "1",
        "yes",
        "quit smoking",
        "how do i stop",
        "",
    ],
)
def test_it_is_no_opt_out(lexicon: Lexicon, said: str) -> None:
    assert opt_out(said, lexicon) is OptOut.NONE


@pytest.mark.parametrize("said", ["START", "unstop", "Empezar"])
def test_it_brings_texts_back(lexicon: Lexicon, said: str) -> None:
    assert opt_out(said, lexicon) is OptOut.START


@pytest.mark.parametrize("said", ["HELP", "info", "ayuda"])
def test_it_asks_for_help_text(lexicon: Lexicon, said: str) -> None:
    assert opt_out(said, lexicon) is OptOut.HELP


@pytest.mark.parametrize(
    "said",
    [
        "CALL",
        "0",
        "agent",
        "talk to someone",
        "i want to talk to a real person",
        "can someone call me",
        "call me please",
        "llamame",
        "quiero hablar con alguien",
        "hablar con una persona",
        "me pueden llamar",
        "are you a bot",
        "human",
        "i need a counselor",
    ],
)
def test_it_asks_for_a_person(lexicon: Lexicon, said: str) -> None:
    assert asks_for_person(said, lexicon)


@pytest.mark.parametrize("said", ["1", "hello", "what are your hours", "i have insurance", "gracias", "my mom is nice"])
def test_it_does_not_ask_for_a_person(lexicon: Lexicon, said: str) -> None:
    assert not asks_for_person(said, lexicon)
