"""The call-me form of the centre's web site."""

from flask import Blueprint
from flask_limiter import Limiter

from helpline.wiring import Services


def add(_pages: Blueprint, _line: Services, _limiter: Limiter) -> None:
    """Nothing yet."""
