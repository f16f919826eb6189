"""The steps on the way of a lead, declared."""

from kpis.definitions import Step, Text

# A lead that reached a later step counts for all before it.
FUNNEL = (
    Step(
        "received",
        Text(en="Received", de="Eingegangen"),
        Text(
            en="Leads received in the period, without tests.",
            de="Im Zeitraum eingegangene Leads, ohne Tests.",
        ),
    ),
    Step(
        "offered",
        Text(en="Offered", de="Angeboten"),
        Text(
            en="Offered to at least one partner.",
            de="Mindestens einem Partner angeboten.",
        ),
    ),
    Step(
        "accepted",
        Text(en="Accepted", de="Angenommen"),
        Text(
            en="Accepted by a partner, taken from the pick list or assigned directly.",
            de="Von einem Partner angenommen, aus den offenen Leads übernommen oder direkt "
            "zugewiesen.",
        ),
    ),
    Step(
        "contacted",
        Text(en="Contacted", de="Kontaktiert"),
        Text(
            en="The partner has reached the customer.",
            de="Der Partner hat den Kunden erreicht.",
        ),
    ),
    Step(
        "advanced",
        Text(en="Appointment or quote", de="Termin oder Angebot"),
        Text(
            en="The partner reports an appointment or a quote sent.",
            de="Der Partner meldet einen Termin oder ein verschicktes Angebot.",
        ),
    ),
    Step(
        "won",
        Text(en="Won", de="Gewonnen"),
        Text(
            en="Won by the last closing.",
            de="Nach dem letzten Abschluss gewonnen.",
        ),
    ),
)
