"""The console as a browser without JavaScript sees it, over the line in this process."""

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.helpline.inside import Inside

ANA, BEN, CARLA = "+17175550111", "+17175550112", "+17175550113"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
LOGIN = "/console/sign-in"


@dataclass
class Desk:
    """One browser."""

    line: Inside
    client: FlaskClient
    token: str = ""

    def get(self, path: str, **more) -> TestResponse:
        page = self.client.get(path, **more)
        found = TOKEN.search(page.text) if page.mimetype == "text/html" else None
        self.token = found.group(1) if found else self.token
        return page

    def post(self, path: str, *, follow: bool = False, **form) -> TestResponse:
        data = {"csrf_token": self.token, **form}
        page = self.client.post(path, data=data, follow_redirects=follow)
        found = TOKEN.search(page.text) if page.mimetype == "text/html" else None
        self.token = found.group(1) if found else self.token
        return page

    def sign_in(self, number: str = ANA, **form) -> "Desk":
        self.get(LOGIN)
        self.post(LOGIN, phone=number, **form)
        done = self.post("/console/code", code=code_sent(self.line, number))
        assert done.status_code == 303, done.text
        self.get("/console/account")
        return self


def letters(line: Inside, number: str):
    store = line.services.store
    names = [name.decode().removeprefix("letter:") for name in line.redis.scan_iter("letter:*")]
    found = [store.transact(lambda tx, name=name: tx.letter(name)) for name in names]
    return [letter for letter in found if letter is not None and letter.to == number]


def code_sent(line: Inside, number: str) -> str:
    """The newest code on its way to this number, as its owner would read it."""
    newest = max(letters(line, number), key=lambda letter: (letter.until, letter.id == letter.id))
    found = re.search(r"\d{6}", re.sub(r"[\s,.]", "", newest.text))
    assert found, newest.text
    return found.group()


def a_case(line: Inside, number: str = "+12025550123", words: str = "my friend took too much and wont wake up"):
    """A caller in danger; gives the open case."""
    line.text(number, words)
    key = line.services.store.vault.caller_key(number)
    case = line.services.store.transact(lambda tx: tx.case_of(key))
    assert case is not None
    return case


def audit(line: Inside) -> list[dict[str, str]]:
    rows = line.redis.xrange("audit")
    return [{name.decode(): value.decode() for name, value in fields.items()} for _, fields in rows]
