"""How measurements are told: per figure ours, the limit of the same run, the ratio, the goal."""

from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Figure(NamedTuple):
    """One line of a report.

    :ivar limit: what the machine does at best in the same run, where there is such a thing.
    :ivar goal: the goal in words, empty for a figure that only stands beside.
    :ivar is_met: whether the goal is met; ``None`` without a goal.
    """

    name: str
    ours: float
    unit: str
    limit: float | None = None
    goal: str = ""
    is_met: bool | None = None


def at_most(
    name: str, ours: float, unit: str, goal: float, *, limit: float | None = None
) -> Figure:
    """Make a figure that must not exceed its goal."""
    return Figure(name, ours, unit, limit, f"at most {goal:g} {unit}", ours <= goal)


def at_least_share(name: str, ours: float, unit: str, *, limit: float, share: float) -> Figure:
    """Make a figure that must reach a share of its limit."""
    return Figure(name, ours, unit, limit, f"at least {share:.0%} of it", ours >= limit * share)


def tell(title: str, figures: list[Figure]) -> int:
    """Print the report; the exit status is 1 if a goal is missed, else 0."""
    table = Table(title=title, title_justify="left")
    for heading in ("figure", "ours", "limit", "ratio", "goal", ""):
        table.add_column(heading, justify="left" if heading in ("figure", "goal", "") else "right")
    for figure in figures:
        ratio = "" if not figure.limit else f"{figure.ours / figure.limit:.2f}"
        limit = "" if figure.limit is None else f"{figure.limit:.2f}"
        mark = {None: "", True: "met", False: "MISSED"}[figure.is_met]
        table.add_row(
            figure.name, f"{figure.ours:.2f} {figure.unit}", limit, ratio, figure.goal, mark
        )
    Console(width=120).print(table)
    return int(any(figure.is_met is False for figure in figures))
