"""The figures of picks, declared: what each is called, how it is counted, what is good.

``kpis.calculations`` turns the declarations into SQL, the catalogue and the documents print them.
"""

from datetime import timedelta

from kpis.definitions import (
    BetterIs,
    CountFigure,
    DurationFigure,
    Moment,
    MoneyFigure,
    RatioFigure,
    Tally,
    Text,
)

DURATIONS = (
    DurationFigure(
        code="acceptance_time",
        label=Text(en="Time to acceptance", de="Zeit bis zur Annahme"),
        formula=Text(
            en="From the moment the accepted offer was available to the partner until the partner "
            "accepted it. Direct assignments and picks from the pick list have no offer and do "
            "not count.",
            de="Vom Zeitpunkt, ab dem das angenommene Angebot dem Partner vorlag, bis zur Annahme. "
            "Direkte Zuweisungen und Übernahmen aus den offenen Leads haben kein Angebot und "
            "zählen nicht.",
        ),
        better_is=BetterIs.LOWER,
        starts_at=Moment.OFFERED_AT,
        ends_at=Moment.ACCEPTED_AT,
        default_target=timedelta(hours=1),
    ),
    DurationFigure(
        code="contact_time",
        label=Text(en="Time to first contact", de="Zeit bis zum Erstkontakt"),
        formula=Text(
            en="From acceptance to the first contact with the customer. Picks in hand without "
            "contact are open; picks that ended without contact are neither counted nor open.",
            de="Von der Annahme bis zum ersten Kontakt mit dem Kunden. Laufende Leads ohne Kontakt "
            "sind offen; ohne Kontakt beendete zählen nicht und sind nicht offen.",
        ),
        better_is=BetterIs.LOWER,
        starts_at=Moment.ACCEPTED_AT,
        ends_at=Moment.CONTACTED_AT,
        default_target=timedelta(hours=1),
    ),
    DurationFigure(
        code="processing_time",
        label=Text(en="Processing time", de="Bearbeitungszeit"),
        formula=Text(
            en="From acceptance to the last closing, won or lost. Picks in hand are open; returned "
            "ones are neither counted nor open.",
            de="Von der Annahme bis zum letzten Abschluss, gewonnen oder verloren. Laufende Leads "
            "sind offen; zurückgegebene zählen nicht und sind nicht offen.",
        ),
        better_is=BetterIs.LOWER,
        starts_at=Moment.ACCEPTED_AT,
        ends_at=Moment.CLOSED_AT,
        default_target=None,
    ),
)

RATIOS = (
    RatioFigure(
        code="feedback_rate",
        label=Text(en="Feedback rate", de="Rückmeldequote"),
        formula=Text(
            en="Picks with at least one feedback, divided by all picks. A return is feedback.",
            de="Leads mit mindestens einer Rückmeldung, geteilt durch alle übernommenen Leads. "
            "Eine Rückgabe ist eine Rückmeldung.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.WITH_FEEDBACK,
        denominator=Tally.PICKS,
        default_target=0.75,
    ),
    RatioFigure(
        code="feedback_rate_completed",
        label=Text(en="Feedback rate of closed leads", de="Rückmeldequote abgeschlossener Leads"),
        formula=Text(
            en="Closed picks with at least one feedback, divided by closed picks (won or lost).",
            de="Abgeschlossene Leads mit mindestens einer Rückmeldung, geteilt durch die "
            "abgeschlossenen (gewonnen oder verloren).",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.CLOSED_WITH_FEEDBACK,
        denominator=Tally.CLOSED,
    ),
    RatioFigure(
        code="conversion_rate",
        label=Text(en="Conversion rate", de="Abschlussquote"),
        formula=Text(
            en="Picks won, divided by all picks, those in hand included. Returns confirmed as the "
            "lead's fault leave the denominator.",
            de="Gewonnene Leads, geteilt durch alle übernommenen, laufende eingeschlossen. "
            "Rückgaben, die als Mangel des Leads bestätigt sind, zählen nicht im Nenner.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.WON,
        denominator=Tally.CONVERTIBLE,
    ),
    RatioFigure(
        code="conversion_rate_matured",
        label=Text(en="Conversion rate of mature leads", de="Abschlussquote gereifter Leads"),
        formula=Text(
            en="The conversion rate of those picks only that are older than nine of ten of the "
            "manufacturer's closed leads took from acceptance to closing.",
            de="Die Abschlussquote nur der Leads, deren Übernahme länger her ist, als neun von "
            "zehn abgeschlossenen Leads des Herstellers bis zum Abschluss brauchten.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.MATURED_WON,
        denominator=Tally.MATURED,
    ),
    RatioFigure(
        code="win_rate",
        label=Text(en="Win rate", de="Gewinnquote"),
        formula=Text(
            en="Picks won, divided by closed picks (won or lost).",
            de="Gewonnene Leads, geteilt durch abgeschlossene (gewonnen oder verloren).",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.WON,
        denominator=Tally.CLOSED,
    ),
    RatioFigure(
        code="return_rate",
        label=Text(en="Return rate", de="Rückgabequote"),
        formula=Text(
            en="Picks that their partner returned, divided by all picks.",
            de="Leads, die der Partner zurückgegeben hat, geteilt durch alle übernommenen.",
        ),
        better_is=BetterIs.LOWER,
        numerator=Tally.RETURNED,
        denominator=Tally.PICKS,
    ),
    RatioFigure(
        code="hit_rate",
        label=Text(en="Hit rate", de="Trefferquote"),
        formula=Text(
            en="Picks won, divided by the attempts to reach their customers, successful ones "
            "included.",
            de="Gewonnene Leads, geteilt durch die Kontaktversuche, erfolgreiche eingeschlossen.",
        ),
        better_is=BetterIs.HIGHER,
        numerator=Tally.WON,
        denominator=Tally.ATTEMPTS,
    ),
)

COUNTS = (
    CountFigure(
        code="deals",
        label=Text(en="Deals", de="Abschlüsse"),
        formula=Text(
            en="Picks won by their last closing.",
            de="Nach dem letzten Abschluss gewonnene Leads.",
        ),
        better_is=BetterIs.HIGHER,
        tally=Tally.WON,
    ),
    CountFigure(
        code="contact_attempts",
        label=Text(en="Contact attempts", de="Kontaktversuche"),
        formula=Text(
            en="Attempts to reach the customers of the picks, and first contacts made.",
            de="Versuche, die Kunden der Leads zu erreichen, und gelungene Erstkontakte.",
        ),
        better_is=BetterIs.HIGHER,
        tally=Tally.ATTEMPTS,
    ),
    CountFigure(
        code="appointments",
        label=Text(en="Appointments", de="Termine"),
        formula=Text(
            en="How often partners reported an appointment on the picks.",
            de="Wie oft Partner zu den Leads einen Termin gemeldet haben.",
        ),
        better_is=BetterIs.HIGHER,
        tally=Tally.APPOINTMENTS,
    ),
    CountFigure(
        code="quotes_sent",
        label=Text(en="Quotes sent", de="Verschickte Angebote"),
        formula=Text(
            en="How often partners reported a quote sent on the picks.",
            de="Wie oft Partner zu den Leads ein verschicktes Angebot gemeldet haben.",
        ),
        better_is=BetterIs.HIGHER,
        tally=Tally.QUOTES,
    ),
)

AMOUNTS = (
    MoneyFigure(
        code="revenue",
        label=Text(en="Revenue", de="Umsatz"),
        formula=Text(
            en="Sum of the values of picks won, in the manufacturer's currency. Wins without a "
            "value or in another currency are not counted, and their number is given.",
            de="Summe der Werte gewonnener Leads in der Währung des Herstellers. Gewonnene ohne "
            "Wert oder in anderer Währung zählen nicht; ihre Anzahl wird genannt.",
        ),
        better_is=BetterIs.HIGHER,
        is_mean=False,
    ),
    MoneyFigure(
        code="average_order_value",
        label=Text(en="Average order value", de="Durchschnittlicher Auftragswert"),
        formula=Text(
            en="Revenue, divided by the number of wins that it counts.",
            de="Umsatz, geteilt durch die Anzahl der darin gezählten Abschlüsse.",
        ),
        better_is=BetterIs.HIGHER,
        is_mean=True,
    ),
)

PICK_FIGURES: tuple[DurationFigure | RatioFigure | CountFigure | MoneyFigure, ...] = (
    *DURATIONS,
    *RATIOS,
    *COUNTS,
    *AMOUNTS,
)
