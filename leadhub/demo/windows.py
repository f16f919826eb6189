"""The windows trade: an invented manufacturer of windows, doors and conservatories."""

from leadhub.demo.trades import Line, Trade

WINDOWS = Trade(
    slug="wiesenlicht",
    name="Wiesenlicht Fenster & Türen",
    lines=(
        Line(
            "windows",
            "Fenster",
            share=0.45,
            carried=1.0,
            value=14_500,
            wishes=(
                (
                    "Wir möchten in unserem Haus von {year} alle {count} Fenster tauschen, dreifach"
                    " verglast, weiß."
                ),
                "Altbauwohnung mit {count} Kastenfenstern. Denkmalschutz, also Holz mit Sprossen.",
                (
                    "Neubau, {count} Fenster Holz-Alu, Pläne kann ich schicken. Einbau in {months}"
                    " Monaten."
                ),
                (
                    "Es zieht an den Fenstern im Wohnzimmer und in der Küche. {count} Stück,"
                    " Kunststoff reicht uns."
                ),
                "Schlafzimmer zur Straße: Wir brauchen {few} Fenster mit Schallschutz.",
            ),
            summaries=(
                "{count} Fenster, Tausch im Bestand von {year}",
                "{count} Fenster Holz-Alu, Neubau",
                "Fenstertausch mit Schallschutz, {few} Stück",
                "{count} Holzfenster, Denkmalschutz",
            ),
        ),
        Line(
            "front-doors",
            "Haustüren",
            share=0.20,
            carried=0.8,
            value=5_200,
            wishes=(
                (
                    "Neue Haustür mit Seitenteil, Aluminium, anthrazit, wenn möglich mit"
                    " Fingerabdruck."
                ),
                (
                    "Nach einem Einbruchversuch brauchen wir eine sichere Haustür (RC 2) und {few}"
                    " Fenstergriffe mit Schloss."
                ),
                "Unsere Holztür von {year} schließt nicht mehr richtig. Gerne wieder Holz.",
            ),
            summaries=(
                "Haustür mit Seitenteil, Aluminium",
                "Einbruchhemmende Haustür (RC 2)",
                "Ersatz Holzhaustür von {year}",
            ),
        ),
        Line(
            "sliding-doors",
            "Hebeschiebetüren",
            share=0.14,
            carried=0.6,
            value=9_800,
            wishes=(
                (
                    "Durchbruch zur Terrasse, Hebeschiebetür ca. {width} m breit, barrierefreie"
                    " Schwelle."
                ),
                (
                    "Wohnzimmer bekommt eine große Schiebetür, {width} m, Südseite, bitte mit"
                    " Sonnenschutzglas."
                ),
            ),
            summaries=(
                "Hebeschiebetür {width} m, schwellenlos",
                "Schiebetür zur Terrasse, {width} m, Südseite",
            ),
        ),
        Line(
            "shutters",
            "Rollläden und Raffstores",
            share=0.12,
            carried=0.55,
            value=6_400,
            wishes=(
                (
                    "Im Sommer wird es unterm Dach zu heiß. Wir suchen Raffstores für {count}"
                    " Fenster, elektrisch."
                ),
                "{count} Rollläden nachrüsten, Steuerung über das Telefon.",
                "Rollladenkästen von {year} dämmen und Motoren einbauen, {few} Stück.",
            ),
            summaries=(
                "Raffstores für {count} Fenster, elektrisch",
                "{count} Rollläden nachrüsten",
                "Motoren und Dämmung für {few} Rollläden",
            ),
        ),
        Line(
            "conservatories",
            "Wintergärten",
            share=0.09,
            carried=0.4,
            value=38_000,
            wishes=(
                (
                    "Wir träumen von einem Wintergarten an der Südseite, etwa {roof} m², ganzjährig"
                    " bewohnbar."
                ),
                "Terrassenüberdachung mit Glas, {width} m tief, später vielleicht geschlossen.",
            ),
            summaries=(
                "Wohnwintergarten, ca. {roof} m²",
                "Glasdach über Terrasse, {width} m tief",
            ),
        ),
    ),
    levels=(
        ("certified", "Montagebetrieb", 1),
        ("premium", "Premiumpartner", 2),
        ("master", "Meisterpartner", 3),
    ),
    companies={
        "DE": (
            "{name} Fensterbau GmbH",
            "Fenster {name} GmbH & Co. KG",
            "Tischlerei {name}",
            "Schreinerei {name} GmbH",
            "{name} Fenster und Türen e.K.",
            "Bauelemente {name} GmbH",
            "Glaserei {name} & Sohn OHG",
            "{name} Bauelemente {city} GmbH",
        ),
        "AT": (
            "Tischlerei {name} GmbH",
            "{name} Fenster & Sonnenschutz GmbH",
            "Fenster {name} e.U.",
            "{name} Bauelemente KG",
        ),
        "CH": (
            "Schreinerei {name} AG",
            "{name} Fenster AG",
            "{name} Fensterbau GmbH",
            "Gebr. {name} Holzbau AG",
        ),
    },
    waves=(
        {"partners": 3, "response_window": 21_600, "radius_km": 70, "head_start": 0},
        {"partners": 4, "response_window": 64_800, "radius_km": None, "head_start": 0},
    ),
    special=(
        "conservatories",
        (
            {"partners": 1, "response_window": 28_800, "radius_km": 80, "head_start": 0},
            {"partners": 3, "response_window": 86_400, "radius_km": None, "head_start": 1_800},
        ),
    ),
    campaigns=("fenstertausch", "einbruchschutz", "sommer-hitzeschutz", "hausmesse"),
    evidence={
        "HOT": (
            "Hat ein Angebot angefordert und Maße geschickt",
            "Haustür konfiguriert und Preis abgefragt, bittet um Rückruf",
            "Baugenehmigung liegt vor, sucht Betrieb für den Einbau",
            "Architekt hat Fensterliste mitgeschickt",
            "Will noch in diesem Monat beauftragen",
        ),
        "WARM": (
            "Katalog bestellt und Kontaktformular ausgefüllt",
            "Konfigurator benutzt, ohne ein Angebot anzufordern",
            "In der Ausstellung beraten",
            "Fragt nach Lieferzeit und Förderung",
            "Möchte ein Aufmaß vor Ort",
        ),
        "COLD": (
            "Katalog bestellt",
            "Auf der Messe eingetragen, plant für nächstes Jahr",
            "Allgemeine Frage zum Hitzeschutz",
        ),
    },
    staff=(("Claudia", "Sander"), ("Tobias", "Wieser"), ("Julia", "Frei")),
)
