"""The attack: every address, method and asker with everything that is none of the asker's."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zipfile import ZipFile, is_zipfile

from django.core.cache import cache
from django.db import transaction

from leadhub.core import clock
from tests.factories import NOON
from tests.leaks.actors import Asker, Rivals
from tests.leaks.addresses import Address, Thing, addresses, things_of
from tests.leaks.canaries import CANARY
from tests.leaks.mentions import NEEDS, mentions

AT = NOON + timedelta(minutes=30)
IDS = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
WORDS = re.compile(rf"{CANARY}|canary[0-9a-f]{{32}}|(?:alpha|bravo|charlie)qx|{IDS.pattern}")
# Taking a lead makes its customer the taker's; these tell the customer whose lead it was not yet.
TAKING = {"api-offer-accept", "api-pick-list-pick"}
# Answers 503 while timers are late, as they are where nobody runs them.
MAY_BE_LATE = {"health-timers"}
REFUSED = {401, 403, 404, 405}
FORM = "application/x-www-form-urlencoded"
# Headers that tell the instant, the length of what is repeated, or what is drawn anew.
VARYING = {"Content-Length", "ETag", "Expires", "Set-Cookie", "X-Request-ID"}
# What a page draws by lot for each answer, and when a workbook was made.
DRAWN = re.compile(
    rb'name="(?:csrfmiddlewaretoken|number_if_none|upload_key)" value="[^"]*"|"challenge": ?"[^"]*"'
    rb'|"token": ?"[A-Za-z0-9]{64}"|<dcterms:(?:created|modified)[^<]*<'
)


class Answer(NamedTuple):
    """What came back, without what differs from one request to the next."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def without(self, value: str) -> "Answer":
        """The same without the value that was sent; of a pair each half stands for itself."""
        headers, body = self.headers, self.body
        for part in (value, *value.split("/")):
            headers = tuple((name, text.replace(part, "{}")) for name, text in headers)
            body = body.replace(part.encode(), b"{}")
        return Answer(self.status, headers, body)

    def without_ids(self) -> "Answer":
        """The same without any ids: those of what was made by the request differ each time."""
        headers = tuple((name, IDS.sub("{id}", text)) for name, text in self.headers)
        return Answer(self.status, headers, IDS.sub("{id}", self.body.decode()).encode())


class Case(NamedTuple):
    """Who asks what."""

    asker: Asker
    method: str
    address: Address


@dataclass
class Findings:
    """What an attack brought.

    :ivar at_most: how many things of one kind and network are tried.
    :ivar is_compared: whether foreign things are laid beside unknown ones; else only what an answer
        tells is looked at.
    :ivar cases: kind of case -> how many were tried.
    :ivar told: (asker, method, address) -> secrets in the answer.
    :ivar different: foreign things that were answered unlike unknown ones.
    :ivar broken: where an answer says that something went wrong inside.
    :ivar in_control: addresses that answered somebody about something that is theirs.
    """

    at_most: int
    is_compared: bool = True
    cases: Counter[str] = field(default_factory=Counter)
    told: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    different: set[tuple[str, str, str]] = field(default_factory=set)
    broken: set[tuple[str, str, str]] = field(default_factory=set)
    in_control: set[str] = field(default_factory=set)

    def some(self, things: Iterable[Thing]) -> list[Thing]:
        """A few of each network."""
        kept: dict[str, list[Thing]] = defaultdict(list)
        for thing in things:
            kept[thing.tenant].append(thing)
        return [thing for some in kept.values() for thing in some[: self.at_most]]


def attack(rivals: Rivals, *, at_most: int, is_compared: bool = True) -> Findings:
    """Try everything on every address.

    :param at_most: how many things of one kind and network are tried.
    :param is_compared: whether foreign things are laid beside unknown ones.
    """
    findings = Findings(at_most, is_compared)
    for address in addresses():
        for asker in rivals.askers:
            if address.parameter is None:
                _plainly(address, asker, findings)
            else:
                _with_things(address, asker, findings)
    return findings


def _plainly(address: Address, asker: Asker, findings: Findings) -> None:
    for method in address.methods:
        plain = _ask(asker, method, address.of(None), NEEDS.get(address.name))
        _judge(findings, "plain", Case(asker, method, address), plain)
        if plain.status < HTTPStatus.BAD_REQUEST:
            findings.in_control.add(address.name)
        if plain.status not in REFUSED:
            _mentioning(address, asker, method, address.of(None), findings)


def _with_things(address: Address, asker: Asker, findings: Findings) -> None:
    things = things_of(address.kind)
    own = [thing for thing in things if thing.row not in asker.secrets]
    for method in address.methods:
        case, needs = Case(asker, method, address), NEEDS.get(address.name)
        unknown = _unknown(case, needs, findings)
        for thing in findings.some(thing for thing in things if thing.row in asker.secrets):
            answer = _ask(asker, method, address.of(thing.value), needs).without(thing.value)
            _judge(findings, "foreign", case, answer)
            if unknown and answer.without_ids() != unknown.without_ids():
                findings.different.add((asker.name, method, address.name))
        for thing in findings.some(own):
            path = address.of(thing.value)
            answer = _ask(asker, method, path, needs)
            _judge(findings, "own", case, answer)
            if answer.status != unknown.status if unknown else answer.status not in REFUSED:
                findings.in_control.add(address.name)
                _mentioning(address, asker, method, path, findings)


def _unknown(case: Case, needs: dict[str, Any] | None, findings: Findings) -> Answer | None:
    """What is answered about a thing that does not exist; ``None`` where nothing is compared."""
    if not findings.is_compared:
        return None
    asker, method, address = case
    answer = _ask(asker, method, address.of(address.unknown), needs).without(address.unknown)
    _judge(findings, "unknown", case, answer)
    return answer


def _mentioning(address: Address, asker: Asker, method: str, path: str, findings: Findings) -> None:
    """Mention foreign things in query or body; each is to be answered like one that is unknown."""
    for foreign, unknown in mentions(address, method, asker.secrets):
        answer = _struck(_ask(asker, method, path, foreign), foreign)
        _judge(findings, "mentioned", Case(asker, method, address), answer)
        if not findings.is_compared:
            continue
        if answer != _struck(_ask(asker, method, path, unknown), unknown):
            findings.different.add((asker.name, method, f"{address.name}: {', '.join(foreign)}"))


def _struck(answer: Answer, values: dict[str, Any]) -> Answer:
    """The answer without what was sent, long words first: a short one may be a part of them."""
    for word in sorted({str(value).strip("[']") for value in values.values()}, key=len)[::-1]:
        answer = answer.without(word)
    return answer.without_ids()


def _ask(asker: Asker, method: str, path: str, data: dict[str, Any] | None = None) -> Answer:
    """Send a request; nothing of what it changes stays."""
    is_json = path.startswith("/api/")
    if method == "GET":
        query, body = urlencode(data or {}, doseq=True), b""
    else:
        text = (
            json.dumps({} if data is None else data)
            if is_json
            else urlencode(data or {}, doseq=True)
        )
        query, body = "", text.encode()
    cache.clear()  # of attempts that were counted: limits are not what is looked at
    cookies = deepcopy(asker.client.cookies)
    with clock.set_to(AT), transaction.atomic():
        response = asker.client.generic(
            method,
            path,
            body,
            content_type="application/json" if is_json else FORM,
            headers=asker.headers,
            QUERY_STRING=query,
        )
        content = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    asker.client.cookies = cookies
    headers = tuple(sorted((n, v) for n, v in response.headers.items() if n not in VARYING))
    return Answer(response.status_code, headers, DRAWN.sub(b"", _unpacked(content)))


def _unpacked(content: bytes) -> bytes:
    """Lay the parts of a workbook open, so that they are looked through as pages are."""
    file = BytesIO(content)
    if not is_zipfile(file):
        return content
    with ZipFile(file) as archive:
        return b"\n".join(name.encode() + archive.read(name) for name in archive.namelist())


def _judge(findings: Findings, kind: str, case: Case, answer: Answer) -> None:
    findings.cases[kind] += 1
    asker, method, address = case
    key = (asker.name, method, address.name)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and address.name not in MAY_BE_LATE:
        findings.broken.add(key)
    text = (str(answer.headers) + answer.body.decode(errors="replace")).lower()
    told = set(WORDS.findall(text)) & asker.secrets
    if kind == "own" and address.name in TAKING and answer.status == HTTPStatus.OK:
        told = {word for word in told if not word.startswith("canary")}
    if told:
        findings.told.setdefault(key, set()).update(told)
