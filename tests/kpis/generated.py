"""Worlds by chance: leads, offers and picks, and what partners did with them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.kpis.worlds import LINES, PARTNERS, PEOPLE, World, utc

# Around the clock changes of Berlin, the turn of an ISO year, and a plain Monday midnight there.
BORDERS = (
    utc("2025-12-28 23:00"),
    utc("2025-12-31 23:00"),
    utc("2026-03-01 23:00"),
    utc("2026-03-29 00:00"),
    utc("2026-03-29 22:00"),
    utc("2026-10-25 23:00"),
)
GAPS = st.one_of(
    st.sampled_from((timedelta(0), timedelta(hours=1), timedelta(hours=1, microseconds=999_999))),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
WINS = st.one_of(
    st.just({}),
    st.builds(
        lambda value, currency: {"value": f"{value:.2f}", "currency": currency},
        st.decimals(Decimal(0), Decimal(99_999), places=2),
        st.sampled_from(("EUR", "EUR", "CHF")),
    ),
)
DATA: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "lead.won": WINS,
    "feedback.given": st.sampled_from(
        [{"status": status} for status in ("REACHED", "APPOINTMENT", "QUOTE_SENT", "LOST")]
    ),
}
# What may follow in each state of a pick, and the state it leads to.
NEXT: dict[str, dict[str, str]] = {
    "in hand": {
        "contact.made": "in hand",
        "contact.attempted": "in hand",
        "feedback.given": "in hand",
        "lead.won": "closed",
        "lead.lost": "closed",
        "lead.returned": "returned",
        "lead.taken_back": "over",
    },
    "closed": {"lead.reopened": "in hand"},
    "returned": {"return.confirmed": "returned", "return.refused": "returned"},
    "over": {},
}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to six leads, offered, and each picked up to three times, one after the other."""
    world = World()
    for number in range(draw(st.integers(0, 6))):
        name = f"L{number}"
        world.add_lead(
            name,
            lines=draw(st.lists(st.sampled_from(LINES), min_size=1, unique=True).map(tuple)),
            source=draw(st.sampled_from(("website", "fair"))),
            campaign=draw(st.sampled_from(("", "spring"))),
            postal_code=draw(st.sampled_from(("", "80331", "80999", "10115"))),
            region=draw(st.sampled_from(("DE-BY", "AT-9", ""))),
            temperature=draw(st.sampled_from(("HOT", "COLD"))),
            is_test=draw(st.integers(0, 9)) == 0,
            status="MERGED" if draw(st.integers(0, 9)) == 0 else "WITHDRAWN",
        )
        at = draw(st.sampled_from(BORDERS)) + draw(
            st.timedeltas(timedelta(days=-3), timedelta(days=3))
        )
        world.log(name, "lead.received", at)
        if draw(st.booleans()):
            world.log(name, "lead.offered", at, partner=draw(st.sampled_from(PARTNERS)))
        for pick in range(draw(st.integers(0, 3))):
            who = draw(st.sampled_from(PARTNERS))
            at, state = _add_pick(draw, world, name, f"{who}/{pick}", at)
            if state not in {"returned", "over"}:
                break
    return world


def _add_pick(
    draw: st.DrawFn, world: World, lead: str, pick: str, at: datetime
) -> tuple[datetime, str]:
    """Tell of one pick; until when, and how it ended."""
    kind = draw(st.sampled_from(("offer.accepted", "lead.assigned", "lead.picked")))
    accepted_at = at + draw(GAPS)
    offered = {"offered_at": at.isoformat()} if kind == "offer.accepted" else {}
    world.log(lead, kind, accepted_at, pick, **offered)
    if worker := draw(st.none() | st.sampled_from(PEOPLE)):
        world.workers[f"{lead}/{pick}"] = worker
    at, state = accepted_at, "in hand"
    for _ in range(draw(st.integers(0, 6))):
        if not NEXT[state]:
            break
        type_ = draw(st.sampled_from(sorted(NEXT[state])))
        at += draw(GAPS)
        data: dict[str, Any] = draw(DATA.get(type_, st.just({})))
        world.log(lead, type_, at, pick, **data)
        state = NEXT[state][type_]
    return at, state
