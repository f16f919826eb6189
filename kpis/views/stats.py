"""The five figures as they are shown: a large number, its target, and what stands behind it."""

from dataclasses import dataclass

from django.utils.translation import get_language, gettext, ngettext

from kpis.definitions import BetterIs, RatioFigure
from kpis.pick_figures import PICK_FIGURES
from kpis.values import Duration, Ratio, Row
from leadhub.core.templatetags.shown import DAY, duration, money, number, share

FIVE = (
    "acceptance_time",
    "contact_time",
    "processing_time",
    "feedback_rate",
    "conversion_rate",
)
BY_CODE = {figure.code: figure for figure in PICK_FIGURES}
# What stands beside a figure, because the field uses both.
BESIDE = {
    "feedback_rate": ("feedback_rate_completed",),
    "conversion_rate": ("conversion_rate_matured", "win_rate", "revenue", "average_order_value"),
}
# From so many days on, hours say nothing more.
MANY_DAYS = 2
# A change of less than this part of what it was is none.
NOTICED = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One figure in words.

    :ivar target: empty without one.
    :ivar reached: ``yes``, ``no``, or empty without a target or without data.
    :ivar basis: what the value was counted from.
    :ivar still_open: how many are to come, if any.
    :ivar facts: further numbers, each with its name.
    """

    code: str
    value: str
    target: str
    reached: str
    basis: str
    still_open: str = ""
    facts: list[tuple[str, str]]

    @property
    def label(self) -> str:
        """Name the figure in the language of the reader."""
        return label_of(self.code)

    @property
    def formula(self) -> str:
        """Say how it is counted, in the language of the reader."""
        return BY_CODE[self.code].formula.in_language(_language())


def stats_of(row: Row) -> list[Stat]:
    """Put the five figures of a group into words, in the language of the reader."""
    return [
        _of_duration(code, row.durations[code])
        if code in row.durations
        else _of_ratio(code, row.ratios[code], row)
        for code in FIVE
    ]


def label_of(code: str) -> str:
    """Name a figure in the language of the reader."""
    return BY_CODE[code].label.in_language(_language())


def length(seconds: float | None) -> str:
    """Write a length of time that is to be read at a glance: ``12.4 days``."""
    if seconds is None or seconds < MANY_DAYS * DAY:
        return duration(seconds)
    return gettext("%(number)s days") % {"number": number(seconds / DAY)}


def percent(part: float) -> str:
    """Write a share that somebody set, without decimals that nobody gave."""
    return f"{number(part * 100)}\N{NO-BREAK SPACE}%"


def value_of(row: Row, code: str) -> float | None:
    """Read what stands for a figure: a median in seconds, or a share; ``None`` is no data."""
    return row.durations[code].median if code in row.durations else row.ratios[code].value


def count_of(row: Row, code: str) -> int:
    """Count the leads that a figure comes from."""
    return row.durations[code].count if code in row.durations else row.ratios[code].denominator


def direction_of(code: str, now: float | None, before: float | None) -> str:
    """Tell where a figure goes: ``better``, ``worse``, ``same``, or nothing without data."""
    if now is None or before is None:
        return ""
    if abs(now - before) <= NOTICED * max(abs(before), abs(now)):
        return "same"
    is_lower = BY_CODE[code].better_is == BetterIs.LOWER
    return "better" if (now < before) == is_lower else "worse"


def _language() -> str:
    return get_language() or "en"


def _of_duration(code: str, found: Duration) -> Stat:
    basis = ngettext("Median of %(count)s lead", "Median of %(count)s leads", found.count)
    still_open = ngettext("%(count)s still open", "%(count)s still open", found.open_count)
    facts = [
        (gettext("Mean"), length(found.mean)),
        (gettext("Nine of ten within"), length(found.p90)),
    ]
    if found.open_count and found.censored_median is not None:
        facts.append((gettext("Median with open ones"), length(found.censored_median)))
    if found.target is not None:
        facts.append((gettext("Within the target"), share(found.within_target)))
    return Stat(
        code=code,
        value=length(found.median),
        target="" if found.target is None else length(found.target),
        reached=_judge(code, found.median, found.target),
        basis=basis % {"count": number(found.count)},
        still_open=still_open % {"count": number(found.open_count)} if found.open_count else "",
        facts=facts,
    )


def _of_ratio(code: str, found: Ratio, row: Row) -> Stat:
    basis = gettext("%(part)s of %(whole)s leads")
    facts = [(label_of(beside), _beside(beside, row)) for beside in BESIDE.get(code, ())]
    if found.is_few and found.interval is not None:
        between = gettext("%(low)s to %(high)s")
        low, high = map(share, found.interval)
        facts.insert(0, (gettext("With so few, likely"), between % {"low": low, "high": high}))
    return Stat(
        code=code,
        value=share(found.value),
        target="" if found.target is None else percent(found.target),
        reached=_judge(code, found.value, found.target),
        basis=basis % {"part": number(found.numerator), "whole": number(found.denominator)},
        facts=facts,
    )


def _beside(code: str, row: Row) -> str:
    if isinstance(BY_CODE[code], RatioFigure):
        return share(row.ratios[code].value)
    amount = row.amounts[code]
    return money(amount.value if amount.count else None, amount.currency)


def _judge(code: str, value: float | None, target: float | None) -> str:
    if value is None or target is None:
        return ""
    is_lower = BY_CODE[code].better_is == BetterIs.LOWER
    return "yes" if (value <= target if is_lower else value >= target) else "no"
