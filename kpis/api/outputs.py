"""Writes figures as the API answers them."""

from typing import Any

from kpis.declared import CATALOGUE
from kpis.definitions import DurationFigure, Figure, RatioFigure
from kpis.network import Network
from kpis.network_figures import LEAD_NUMBERS
from kpis.offers import OfferRow
from kpis.pick_figures import AMOUNTS, COUNTS, DURATIONS, RATIOS
from kpis.placement import LeadRow
from kpis.prospects import Prospects
from kpis.selectors import Figures
from kpis.values import Amount, Duration, Group, Measured, Ratio, Row, Tallied


def write_figures(figures: Figures) -> dict[str, Any]:
    """Write figures as the API answers them."""
    compared = {"compared": write_figures(figures.compared)} if figures.compared else {}
    return {
        "from": figures.starts_at,
        "to": figures.ends_at,
        "clock": figures.clock,
        "group_by": [dimension.value for dimension in figures.group_by],
        "rows": [write_row(row) for row in figures.rows],
        "total": write_row(figures.total),
        **compared,
    }


def write_network(network: Network) -> dict[str, Any]:
    """Write what a network makes of what it is sent."""
    return {
        "offer_rows": [_offers(row) for row in network.offer_rows],
        "offers": _offers(network.offers),
        "lead_rows": [_leads(row) for row in network.lead_rows],
        "leads": _leads(network.leads),
        "penetration": _write(network.penetration, RATIOS[0].aggregates),
        "prospect_rows": [
            {"partner": partner, **_prospects(one, network.currency)}
            for partner, one in sorted(network.prospects_by_partner.items())
        ],
        "prospects": _prospects(network.prospects, network.currency),
    }


def _offers(row: OfferRow) -> dict[str, Any]:
    return {
        "group": _group(row.group),
        "offers": row.offers,
        "acceptance_time_censored_median": row.acceptance_time,
        "decline_reasons": row.reasons,
        **{code: _write(of, RATIOS[0].aggregates) for code, of in row.ratios.items()},
    }


def _leads(row: LeadRow) -> dict[str, Any]:
    return {
        "group": _group(row.group),
        **row.counts,
        "leads_by_temperature": row.temperatures,
        **{code: _write(of, RATIOS[0].aggregates) for code, of in row.ratios.items()},
        **{code: _write(of, LEAD_NUMBERS[0].aggregates) for code, of in row.numbers.items()},
    }


def _prospects(prospects: Prospects, currency: str) -> dict[str, Any]:
    months = sorted(prospects.by_month.items(), key=lambda one: (one[0] is None, one[0] or ""))
    return {
        "leads": prospects.leads,
        "pipeline_value": prospects.value,
        "expected_leads": prospects.expected_leads,
        "expected_revenue": prospects.expected,
        "by_month": [{"month": month, "value": str(value)} for month, value in months],
        "currency": currency,
    }


def _group(group: Group) -> dict[str, str | None]:
    return {dimension.value: name for dimension, name in group.items()}


def write_row(row: Row) -> dict[str, Any]:
    """Write the figures of one group."""
    return {
        "group": _group(row.group),
        "picks": row.picks,
        **{code: _write(of, DURATIONS[0].aggregates) for code, of in row.durations.items()},
        **{code: _write(of, RATIOS[0].aggregates) for code, of in row.ratios.items()},
        **{code: _write(of, COUNTS[0].aggregates) for code, of in row.counts.items()},
        **{code: _write(of, AMOUNTS[0].aggregates) for code, of in row.amounts.items()},
        "beside": {
            **{code: _write(of, DURATIONS[0].beside) for code, of in row.durations.items()},
            **{code: _write(of, RATIOS[0].beside) for code, of in row.ratios.items()},
        },
    }


def _write(
    figure: Duration | Ratio | Amount | Tallied | Measured, aggregates: tuple[str, ...]
) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in aggregates}


def write_catalogue() -> dict[str, Any]:
    """Write every definition."""
    return {
        "next": None,
        "previous": None,
        "results": [
            {
                "code": figure.code,
                "label": figure.label.en,
                "label_de": figure.label.de,
                "formula": figure.formula.en,
                "formula_de": figure.formula.de,
                "unit": figure.unit,
                "better_is": figure.better_is,
                "default_target": _default_target(figure),
                "aggregates": figure.aggregates,
                "beside": figure.beside,
            }
            for figure in CATALOGUE
        ],
    }


def _default_target(figure: Figure) -> float | None:
    if isinstance(figure, DurationFigure):
        return int(figure.default_target.total_seconds()) if figure.default_target else None
    return figure.default_target if isinstance(figure, RatioFigure) else None
