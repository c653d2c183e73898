"""From bytes to a `Document`: well-formed XML or nothing, and a problem for everything outside the schema."""

from lxml import etree

from emulator.twiml.checks import url as url_check
from emulator.twiml.document import Dialect, Document, Element, NoDocument, Problem
from emulator.twiml.schema import NOT_PLAYED, SPECS, TOP, Spec

INVALID = 12200
FINAL = frozenset({"Redirect", "Hangup", "Reject"})
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read(body: bytes, dialect: Dialect, *, url: str | None = None, method: str = "POST") -> Document:
    """Return the document in `body`; what Twilio would ignore is left out and listed as problems.

    Raises `NoDocument` where Twilio cannot run anything: XML that is not well formed, or no <Response>.
    """
    root = _parse(body)
    if root.tag != "Response":
        raise NoDocument(12102, f"The root element must be Response, not {root.tag!s}")
    problems = [_invalid(f"Response has no attribute {name!s}") for name in root.attrib]
    if _own_text(root).strip():
        problems.append(_invalid(f"text outside any verb: {_own_text(root).strip()[:60]!r}"))
    verbs = tuple(
        element
        for node in _elements(root)
        if (element := _top(node, dialect, problems, has_base=url is not None)) is not None
    )
    problems.extend(_unreachable(verbs))
    return Document(verbs, dialect, url, method, tuple(problems))


def _parse(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NoDocument(12100, f"Document parse failure: {error}") from error


def _top(node: etree._Element, dialect: Dialect, problems: list[Problem], *, has_base: bool) -> Element | None:
    name = str(node.tag)
    if name == "Dial" and dialect is Dialect.SCREEN:
        problems.append(Problem(13201, "Dial: Cannot Dial out from a Dial Call Segment"))
        return None
    if name in NOT_PLAYED:
        problems.append(_not_played(name))
        return None
    if name not in TOP[dialect]:
        code = 14110 if dialect is Dialect.MESSAGING and name in SPECS else INVALID
        problems.append(Problem(code, f"<{name}> is no verb for {dialect.value} TwiML{_case_hint(name)}"))
        return None
    return _element(node, problems, has_base=has_base)


def _element(node: etree._Element, problems: list[Problem], *, has_base: bool) -> Element:
    name = str(node.tag)
    spec = SPECS[name]
    attributes = _attributes(node, spec, problems, has_base=has_base)
    children = tuple(
        _element(child, problems, has_base=has_base)
        for child in _elements(node)
        if str(child.tag) in SPECS and str(child.tag) in spec.children
    )
    for child in _elements(node):
        if str(child.tag) in NOT_PLAYED:
            problems.append(_not_played(str(child.tag)))
        elif str(child.tag) not in spec.children:
            code = spec.codes.get("nested", INVALID)
            problems.append(Problem(code, f"<{child.tag}> may not stand in <{name}>{_case_hint(str(child.tag))}"))
    if name == "Gather" and "speechModel" in attributes and attributes.get("speechTimeout") == "auto":
        problems.append(Problem(0, '<Gather> with speechModel needs a whole number as speechTimeout, not "auto"'))
    text = "".join(str(part) for part in node.itertext()) if name == "Say" else _own_text(node)
    problems.extend(_text_problems(name, spec, text, children))
    return Element(name, attributes, children, text.strip())


def _attributes(node: etree._Element, spec: Spec, problems: list[Problem], *, has_base: bool) -> dict[str, str]:
    """Return the attributes that hold; each other one becomes a problem."""
    kept: dict[str, str] = {}
    for key, raw in node.attrib.items():
        name, value = "xml:lang" if key == XML_LANG else str(key), str(raw)
        check = spec.attributes.get(name)
        fault = "is not an attribute of it" if check is None else check(value)
        if not fault and check is url_check and not has_base and "://" not in value:
            fault = "must be an absolute URL, because this TwiML came inline and has no URL of its own"
        if fault:
            code = spec.codes.get(name, INVALID) if check is not None else INVALID
            problems.append(Problem(code, f'<{node.tag}> {name}="{value}": {fault}'))
        else:
            kept[name] = value
    problems.extend(
        _invalid(f"<{node.tag}> needs the attribute {name}") for name in sorted(spec.required - kept.keys())
    )
    return kept


def _text_problems(name: str, spec: Spec, text: str, children: tuple[Element, ...]) -> list[Problem]:
    found = []
    if text.strip() and not spec.text:
        found.append(_invalid(f"<{name}> may hold no text: {text.strip()[:60]!r}"))
    if spec.text_needed and not text.strip():
        found.append(Problem(spec.codes.get("text", INVALID), f"<{name}> is empty"))
    if name == "Say" and len(text) > 4096:
        found.append(Problem(13520, f"<Say> has {len(text)} characters, more than 4096"))
    if name in ("Dial", "Message") and text.strip() and children:
        found.append(_invalid(f"<{name}> holds both text and nested elements"))
    return found


def _unreachable(verbs: tuple[Element, ...]) -> list[Problem]:
    """Say which verbs can never be reached, a common mistake that Twilio passes over in silence."""
    for position, verb in enumerate(verbs[:-1]):
        if verb.name in FINAL or (verb.name in ("Dial", "Record") and "action" in verb.attributes):
            return [Problem(0, f"<{verbs[position + 1].name}> after <{verb.name}> can never be reached")]
    return []


def _elements(node: etree._Element) -> list[etree._Element]:
    """Return the elements in a node; comments and instructions were removed while parsing."""
    return list(node)


def _own_text(node: etree._Element) -> str:
    return (node.text or "") + "".join(child.tail or "" for child in node)


def _case_hint(name: str) -> str:
    known = {known.lower(): known for known in SPECS}.get(name.lower())
    return f"; names are case-sensitive: <{known}>" if known and known != name else ""


def _not_played(name: str) -> Problem:
    return Problem(0, f"<{name}> belongs to a product this emulator does not play; it was passed over")


def _invalid(text: str) -> Problem:
    return Problem(INVALID, text)
