"""Who is in danger is heard first: screening of free text and speech, opt-outs, and requests for a person."""

from flows.safety.dangers import Danger, Hit, Screening
from flows.safety.lexicon import EntrySource, Fault, Lexicon, LexiconError, Source, compile_lexicon
from flows.safety.requests import OptOut, asks_for_person, opt_out, text_word
from flows.safety.screening import screen

__all__ = [
    "Danger",
    "EntrySource",
    "Fault",
    "Hit",
    "Lexicon",
    "LexiconError",
    "OptOut",
    "Screening",
    "Source",
    "asks_for_person",
    "compile_lexicon",
    "opt_out",
    "screen",
    "text_word",
]
