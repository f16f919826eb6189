"""Checks one row of history on its own: what has to be there, and in which order things happen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

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


class RowRefused(ValueError):
    """A row contradicts itself; the message says how."""


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
        except RowRefused as refused:
            problems.append(str(refused))
    value = None
    try:
        value = _money(row)
    except RowRefused as refused:
        problems.append(str(refused))
    problems += _out_of_order(instants)
    if problems:
        raise RowRefused("; ".join(problems))
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


def _unsound_texts(row: dict[str, str]) -> Iterator[str]:
    for name, text in row.items():
        if not text.isprintable():
            yield f"{name} contains a character that does not belong into a text"
        elif name in LONGEST and len(text.upper()) > LONGEST[name]:
            yield f"{name} is longer than {LONGEST[name]} characters"
    if row.get("country", "DE").upper() not in COUNTRIES:
        yield f"country has to be a code of two letters such as DE, not {row['country']!r}"
    if row.get("temperature", Temperature.WARM).upper() not in Temperature:
        yield f"temperature has to be {_either(Temperature)}, not {row['temperature']!r}"
    if "outcome" in row and row["outcome"].upper() not in OUTCOMES:
        yield f"outcome has to be {_either(OUTCOMES)}, or blank, not {row['outcome']!r}"


def _missing(row: dict[str, str]) -> Iterator[str]:
    for name in REQUIRED_COLUMNS:
        if name not in row:
            yield f"{name} is missing"
    for name, needed in NEEDS:
        if name in row and needed not in row:
            yield f"{name} is given, {needed} is not"


def _out_of_order(instants: dict[str, datetime | None]) -> Iterator[str]:
    for earlier, later in ORDER:
        first, second = instants.get(earlier), instants.get(later)
        if first and second and second < first:
            yield f"{later} is before {earlier}"


def _instant(name: str, text: str | None, *, at: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        message = f"{name} has to be an instant such as 2026-03-02T08:00:00Z, not {text!r}"
        raise RowRefused(message) from None
    if instant.tzinfo is None:
        message = f"{name} has no time zone: write 2026-03-02T08:00:00Z or +01:00, not {text!r}"
        raise RowRefused(message)
    if instant.year < FIRST_YEAR:
        message = f"{name} is before {FIRST_YEAR}"
        raise RowRefused(message)
    if instant > at:
        message = f"{name} lies in the future"
        raise RowRefused(message)
    return instant.astimezone(UTC)


def _money(row: dict[str, str]) -> Decimal | None:
    text = row.get("value")
    if text is None:
        return None
    if row.get("outcome", "").upper() != Assignment.Outcome.WON:
        message = "value is given, the outcome is not WON"
        raise RowRefused(message)
    try:
        value = Decimal(text)
    except InvalidOperation:
        message = f"value has to be an amount such as 4800.00, not {text!r}"
        raise RowRefused(message) from None
    if not value.is_finite() or not 0 <= value <= MOST_MONEY or value != value.quantize(CENTS):
        message = f"value has to be between 0 and {MOST_MONEY} with up to two decimals, not {text}"
        raise RowRefused(message)
    return value.quantize(CENTS)


def _either(choices: object) -> str:
    return " or ".join(str(choice) for choice in choices)  # type: ignore[attr-defined]
