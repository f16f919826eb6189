"""The figures of offers, leads and prospects, declared: what a network makes of what it is sent."""

from kpis.definitions import (
    BetterIs,
    CountFigure,
    Figure,
    LeadDurationFigure,
    LeadNumberFigure,
    LeadTally,
    MoneyFigure,
    OfferTally,
    PartnerTally,
    RatioFigure,
    Text,
)

OFFER_RATIOS = (
    RatioFigure(
        code="offer_acceptance_rate",
        label=Text(en="Offers accepted", de="Angenommene Angebote"),
        formula=Text(
            en="Offers accepted, divided by offers answered or run out. Offers that another "
            "partner was faster with, or that were withdrawn, do not count.",
            de="Angenommene Angebote, geteilt durch die beantworteten oder abgelaufenen. Angebote, "
            "bei denen ein anderer schneller war oder die zurückgezogen wurden, zählen nicht.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=OfferTally.ACCEPTED,
        denominator=OfferTally.SETTLED,
    ),
    RatioFigure(
        code="offer_response_rate",
        label=Text(en="Offers answered", de="Beantwortete Angebote"),
        formula=Text(
            en="Offers accepted or declined, divided by offers answered or run out.",
            de="Angenommene und abgelehnte Angebote, geteilt durch die beantworteten oder "
            "abgelaufenen.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=OfferTally.ANSWERED,
        denominator=OfferTally.SETTLED,
    ),
    RatioFigure(
        code="decline_rate",
        label=Text(en="Offers declined", de="Abgelehnte Angebote"),
        formula=Text(
            en="Offers declined, divided by offers answered or run out; with the number of each "
            "reason.",
            de="Abgelehnte Angebote, geteilt durch die beantworteten oder abgelaufenen; mit der "
            "Anzahl je Grund.",
        ),
        better_is=BetterIs.LOWER,
        numerator=OfferTally.DECLINED,
        denominator=OfferTally.SETTLED,
    ),
)

LEAD_COUNTS = (
    CountFigure(
        code="new_leads",
        label=Text(en="New leads", de="Neue Leads"),
        formula=Text(
            en="Leads received in the period, without tests, imported ones and those merged into "
            "another.",
            de="Im Zeitraum eingegangene Leads, ohne Tests, importierte und mit anderen "
            "zusammengeführte.",
        ),
        better_is=BetterIs.HIGHER,
        tally=LeadTally.RECEIVED,
        aggregates=("count",),
    ),
    CountFigure(
        code="unserved_leads",
        label=Text(en="Leads nobody could be asked for", de="Leads ohne passenden Partner"),
        formula=Text(
            en="Leads of the period that were routed, and for which no partner qualified.",
            de="Leads des Zeitraums, die verteilt wurden und für die kein Partner in Frage kam.",
        ),
        better_is=BetterIs.LOWER,
        tally=LeadTally.UNSERVED,
        aggregates=("count",),
    ),
    CountFigure(
        code="backlog",
        label=Text(en="Backlog", de="Offene Leads"),
        formula=Text(
            en="Leads of the period that have not ended: held, on offer, on the pick list or in "
            "a partner's hands.",
            de="Leads des Zeitraums, die nicht abgeschlossen sind: angehalten, im Angebot, unter "
            "den offenen Leads oder bei einem Partner.",
        ),
        better_is=BetterIs.LOWER,
        tally=LeadTally.BACKLOG,
        aggregates=("count",),
    ),
)

LEADS_BY_TEMPERATURE = CountFigure(
    code="leads_by_temperature",
    label=Text(en="Leads by temperature", de="Leads nach Temperatur"),
    formula=Text(
        en="The new leads, by how close to buying the customer is.",
        de="Die neuen Leads nach der Nähe des Kunden zum Kauf.",
    ),
    better_is=BetterIs.HIGHER,
    tally=LeadTally.RECEIVED,
    aggregates=("HOT", "WARM", "COLD"),
)

LEAD_RATIOS = (
    RatioFigure(
        code="placement_rate",
        label=Text(en="Leads placed", de="Vermittelte Leads"),
        formula=Text(
            en="Leads that a partner got, divided by the leads of the period that were routed.",
            de="Leads, die ein Partner bekam, geteilt durch die verteilten Leads des Zeitraums.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=LeadTally.PLACED,
        denominator=LeadTally.ROUTED,
    ),
    RatioFigure(
        code="escalation_rate",
        label=Text(en="Leads escalated", de="Eskalierte Leads"),
        formula=Text(
            en="Leads that needed a second wave or more, up to their first acceptance, divided by "
            "the leads of the period that were routed.",
            de="Leads, die bis zur ersten Annahme mindestens eine zweite Runde brauchten, geteilt "
            "durch die verteilten Leads des Zeitraums.",
        ),
        better_is=BetterIs.LOWER,
        numerator=LeadTally.ESCALATED,
        denominator=LeadTally.ROUTED,
    ),
    RatioFigure(
        code="unplaced_rate",
        label=Text(en="Leads nobody took in the waves", de="In den Runden nicht vermittelte Leads"),
        formula=Text(
            en="Leads that came onto the pick list, divided by the leads of the period that were "
            "routed.",
            de="Leads, die zu den offenen Leads kamen, geteilt durch die verteilten Leads des "
            "Zeitraums.",
        ),
        better_is=BetterIs.LOWER,
        numerator=LeadTally.UNPLACED,
        denominator=LeadTally.ROUTED,
    ),
    RatioFigure(
        code="lead_conversion_rate",
        label=Text(en="Conversion rate of all leads", de="Abschlussquote aller Leads"),
        formula=Text(
            en="Leads won, divided by all leads received in the period.",
            de="Gewonnene Leads, geteilt durch alle im Zeitraum eingegangenen.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=LeadTally.WON,
        denominator=LeadTally.RECEIVED,
    ),
)

PENETRATION = RatioFigure(
    code="penetration",
    label=Text(en="Partners with leads", de="Partner mit Leads"),
    formula=Text(
        en="Active partners that got a lead in the period, divided by all active partners.",
        de="Aktive Partner, die im Zeitraum einen Lead bekamen, geteilt durch alle aktiven.",
    ),
    better_is=BetterIs.HIGHER,
    numerator=PartnerTally.SERVED,
    denominator=PartnerTally.ACTIVE,
)

LEAD_NUMBERS = (
    LeadDurationFigure(
        code="time_to_placement",
        label=Text(en="Time to placement", de="Zeit bis zur Vermittlung"),
        formula=Text(
            en="From the first offer of the lead to its first acceptance by anybody, across waves. "
            "Leads on offer or on the pick list are open.",
            de="Vom ersten Angebot des Leads bis zur ersten Annahme durch irgendeinen Partner, "
            "über alle Runden. Leads im Angebot und offene Leads sind offen.",
        ),
        better_is=BetterIs.LOWER,
    ),
    LeadDurationFigure(
        code="lead_response_time",
        label=Text(en="Time until the customer is reached", de="Zeit, bis der Kunde erreicht ist"),
        formula=Text(
            en="From the receipt of the lead to the first contact by any partner. Leads that have "
            "not ended and have no contact are open.",
            de="Vom Eingang des Leads bis zum ersten Kontakt durch irgendeinen Partner. Nicht "
            "abgeschlossene Leads ohne Kontakt sind offen.",
        ),
        better_is=BetterIs.LOWER,
    ),
    LeadNumberFigure(
        code="waves_to_placement",
        label=Text(en="Waves to placement", de="Runden bis zur Vermittlung"),
        formula=Text(
            en="How many waves were opened up to the first acceptance of the lead.",
            de="Wie viele Runden bis zur ersten Annahme des Leads eröffnet wurden.",
        ),
        better_is=BetterIs.LOWER,
    ),
)

PROSPECT_AMOUNTS = (
    MoneyFigure(
        code="pipeline_value",
        label=Text(en="Pipeline value", de="Wert der Pipeline"),
        formula=Text(
            en="Sum of the values that partners expect of the leads in their hands today, in the "
            "manufacturer's currency; where a partner expects none, the lead's own.",
            de="Summe der Werte, die Partner von ihren laufenden Leads heute erwarten, in der "
            "Währung des Herstellers; wo ein Partner keinen nennt, der des Leads.",
        ),
        better_is=BetterIs.HIGHER,
        is_mean=False,
        aggregates=("value", "currency"),
    ),
    MoneyFigure(
        code="expected_revenue",
        label=Text(en="Expected revenue", de="Erwarteter Umsatz"),
        formula=Text(
            en="The same values, each times the chance that its partner gives the sale: 10 % low, "
            "40 % medium, 75 % high. By expected month; leads without a chance do not count.",
            de="Dieselben Werte, je mal der Chance, die der Partner dem Abschluss gibt: 10 % "
            "niedrig, 40 % mittel, 75 % hoch. Nach erwartetem Monat; Leads ohne Chance zählen "
            "nicht.",
        ),
        better_is=BetterIs.HIGHER,
        is_mean=False,
        aggregates=("value", "currency"),
    ),
)

NETWORK_FIGURES: tuple[Figure, ...] = (
    *OFFER_RATIOS,
    *LEAD_COUNTS,
    LEADS_BY_TEMPERATURE,
    *LEAD_RATIOS,
    PENETRATION,
    *LEAD_NUMBERS,
    *PROSPECT_AMOUNTS,
)
