"""Checks one row of history on its own: what has to be there, and in which order things happen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.utils.translation import gettext_noop

from leadhub.core.countries import COUNTRIES
from leads.models import Assignment
from leads.models.leads import Temperature

REQUIRED_COLUMNS = ("external_id", "product_line", "country", "received_at")
INSTANTS = (
    "received_at",
    "offered_at",
    "accepted_at",
    "contacted_at",
    "first_feedback_at",
    "closed_at",
)
COLUMNS = (
    "external_id",
    "partner_external_id",
    "product_line",
    "country",
    "postal_code",
    "source",
    "temperature",
    *INSTANTS,
    "outcome",
    "value",
)
# With it refused rows are handed out; in what is sent again it says nothing.
REASON = "reason"
# What came first; the same instant is in order.
ORDER = (
    ("received_at", "offered_at"),
    ("received_at", "accepted_at"),
    ("offered_at", "accepted_at"),
    ("accepted_at", "contacted_at"),
    ("accepted_at", "first_feedback_at"),
    ("accepted_at", "closed_at"),
    ("contacted_at", "closed_at"),
    ("first_feedback_at", "closed_at"),
)
# What cannot be without the other.
NEEDS = (
    ("offered_at", "partner_external_id"),
    ("accepted_at", "partner_external_id"),
    ("contacted_at", "accepted_at"),
    ("first_feedback_at", "accepted_at"),
    ("closed_at", "accepted_at"),
    ("closed_at", "outcome"),
    ("outcome", "closed_at"),
)
OUTCOMES = (Assignment.Outcome.WON, Assignment.Outcome.LOST)
DEFAULT_SOURCE = "history"
LONGEST = {"external_id": 120, "postal_code": 12, "source": 60}
FIRST_YEAR = 1970
CENTS = Decimal("0.01")
MOST_MONEY = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLead:
    """A sound row. Instants are in UTC; what was blank is ``None``."""

    external_id: str
    partner_external_id: str | None
    product_line: str
    country: str
    postal_code: str
    source: str
    temperature: str
    received_at: datetime
    offered_at: datetime | None
    accepted_at: datetime | None
    contacted_at: datetime | None
    first_feedback_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    value: Decimal | None


class Reason(NamedTuple):
    """Why a row is refused: words with places for what the parameters say."""

    text: str
    params: Mapping[str, object] = {}

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text


class RowRefused(ValueError):
    """A row contradicts itself, or what is known; the message says how.

    :ivar reasons: every one there is.
    """

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(map(str, self.reasons)))


def refused(text: str, /, **params: object) -> RowRefused:
    """Make a refusal for one reason."""
    return RowRefused([Reason(text, params)])


def check_row(given: dict[str, str], *, at: datetime) -> PastLead:
    """Turn the text of a row into values.

    :param at: the present, after which nothing can have happened.
    :raises RowRefused: with every reason there is.
    """
    row = {name: text for name, text in given.items() if text}
    problems = [*_unsound_texts(row), *_missing(row)]
    instants = {}
    for name in INSTANTS:
        try:
            instants[name] = _instant(name, row.get(name), at=at)
        except RowRefused as refusal:
            problems += refusal.reasons
    value = None
    try:
        value = _money(row)
    except RowRefused as refusal:
        problems += refusal.reasons
    problems += _out_of_order(instants)
    if problems:
        raise RowRefused(problems)
    return PastLead(
        external_id=row["external_id"],
        partner_external_id=row.get("partner_external_id"),
        product_line=row["product_line"],
        country=row["country"].upper(),
        postal_code=row.get("postal_code", ""),
        source=row.get("source", DEFAULT_SOURCE),
        temperature=row.get("temperature", Temperature.WARM).upper(),
        outcome=row["outcome"].upper() if "outcome" in row else None,
        value=value,
        received_at=instants.pop("received_at") or at,
        **instants,
    )


def _unsound_texts(row: dict[str, str]) -> Iterator[Reason]:
    for name, text in row.items():
        if not text.isprintable():
            yield Reason(
                gettext_noop("%(name)s contains a character that does not belong into a text"),
                {"name": name},
            )
        elif name in LONGEST and len(text.upper()) > LONGEST[name]:
            yield Reason(
                gettext_noop("%(name)s is longer than %(most)s characters"),
                {"name": name, "most": LONGEST[name]},
            )
    if row.get("country", "DE").upper() not in COUNTRIES:
        yield Reason(
            gettext_noop("country has to be a code of two letters such as DE, not %(text)r"),
            {"text": row["country"]},
        )
    if row.get("temperature", Temperature.WARM).upper() not in Temperature:
        yield Reason(
            gettext_noop("temperature has to be HOT or WARM or COLD, not %(text)r"),
            {"text": row["temperature"]},
        )
    if "outcome" in row and row["outcome"].upper() not in OUTCOMES:
        yield Reason(
            gettext_noop("outcome has to be WON or LOST, or blank, not %(text)r"),
            {"text": row["outcome"]},
        )


def _missing(row: dict[str, str]) -> Iterator[Reason]:
    for name in REQUIRED_COLUMNS:
        if name not in row:
            yield Reason(gettext_noop("%(name)s is missing"), {"name": name})
    for name, needed in NEEDS:
        if name in row and needed not in row:
            yield Reason(
                gettext_noop("%(name)s is given, %(needed)s is not"),
                {"name": name, "needed": needed},
            )


def _out_of_order(instants: dict[str, datetime | None]) -> Iterator[Reason]:
    for earlier, later in ORDER:
        first, second = instants.get(earlier), instants.get(later)
        if first and second and second < first:
            yield Reason(
                gettext_noop("%(later)s is before %(earlier)s"),
                {"later": later, "earlier": earlier},
            )


def _instant(name: str, text: str | None, *, at: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        told = datetime.fromisoformat(text)
        instant = None if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused(
            gettext_noop(
                "%(name)s has to be an instant such as 2026-03-02T08:00:00Z, not %(text)r"
            ),
            name=name,
            text=text,
        ) from None
    if instant is None:
        raise refused(
            gettext_noop(
                "%(name)s has no time zone: write 2026-03-02T08:00:00Z or +01:00, not %(text)r"
            ),
            name=name,
            text=text,
        )
    if instant.year < FIRST_YEAR:
        raise refused(gettext_noop("%(name)s is before %(year)s"), name=name, year=FIRST_YEAR)
    if instant > at:
        raise refused(gettext_noop("%(name)s lies in the future"), name=name)
    return instant


def _money(row: dict[str, str]) -> Decimal | None:
    text = row.get("value")
    if text is None:
        return None
    if row.get("outcome", "").upper() != Assignment.Outcome.WON:
        raise refused(gettext_noop("value is given, the outcome is not WON"))
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise refused(
            gettext_noop("value has to be an amount such as 4800.00, not %(text)r"), text=text
        ) from None
    if not value.is_finite() or not 0 <= value <= MOST_MONEY or value != value.quantize(CENTS):
        raise refused(
            gettext_noop(
                "value has to be between 0 and %(most)s with up to two decimals, not %(text)s"
            ),
            most=str(MOST_MONEY),
            text=text,
        )
    return value.quantize(CENTS)
