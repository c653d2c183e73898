"""The staff pages: who waits, take over, answer, close, plan. Board and case work without JavaScript too."""

from helpline.console.pages import register
from helpline.console.signin import announce

__all__ = ["announce", "register"]
