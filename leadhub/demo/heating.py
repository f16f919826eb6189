"""The heating trade: an invented manufacturer of heat pumps, boilers and ventilation."""

from leadhub.demo.trades import Line, Trade

HEATING = Trade(
    slug="sonnleit",
    name="Sonnleit Wärmetechnik",
    lines=(
        Line(
            "heat-pumps",
            "Wärmepumpen",
            share=0.42,
            carried=1.0,
            value=29_000,
            wishes=(
                (
                    "Wir möchten unsere Ölheizung von {year} durch eine Wärmepumpe ersetzen."
                    " Wohnfläche {area} m², {persons} Personen."
                ),
                (
                    "Einfamilienhaus Baujahr {year}, {area} m², Fußbodenheizung im Erdgeschoss,"
                    " oben Heizkörper. Reicht eine Luft-Wasser-Wärmepumpe?"
                ),
                (
                    "Unsere Gastherme macht nach {age} Jahren Probleme. Gerne Wärmepumpe mit"
                    " Förderung, bitte um ein Angebot für ca. {power} kW."
                ),
                (
                    "Neubau, {area} m², Bezug in {months} Monaten. Wir brauchen Wärmepumpe und"
                    " Warmwasserspeicher aus einer Hand."
                ),
                (
                    "Doppelhaushälfte, {area} m². Wichtig ist uns, dass das Außengerät leise ist,"
                    " die Nachbarn wohnen nur 4 m entfernt."
                ),
                (
                    "Wir haben seit letztem Jahr Photovoltaik ({power} kWp) auf dem Dach und wollen"
                    " den Strom für eine Wärmepumpe nutzen."
                ),
            ),
            summaries=(
                "Wärmepumpe, ca. {power} kW, Bestand {year}",
                "Tausch Öl gegen Luft-Wasser-Wärmepumpe, {area} m²",
                "Wärmepumpe im Neubau, {area} m², Bezug in {months} Monaten",
                "Tausch Gastherme gegen Wärmepumpe, {persons} Personen",
            ),
        ),
        Line(
            "gas-boilers",
            "Gas-Brennwertgeräte",
            share=0.18,
            carried=0.8,
            value=11_500,
            wishes=(
                (
                    "Unsere Therme in der Wohnung ({area} m²) ist {age} Jahre alt und muss"
                    " getauscht werden."
                ),
                (
                    "Die Heizung ist gestern ausgefallen, der Monteur sagt, es lohnt nicht mehr."
                    " Wir brauchen schnell Ersatz, ca. {power} kW."
                ),
                (
                    "Mehrfamilienhaus mit {units} Wohnungen, Kessel von {year}. Bitte um Angebot"
                    " für ein Brennwertgerät."
                ),
                "Wir suchen ein Gerät, das wir später mit einer Wärmepumpe kombinieren können.",
            ),
            summaries=(
                "Ersatz Gastherme, {area} m²",
                "Brennwertgerät für {units} Wohnungen, Kessel von {year}",
                "Eiliger Ersatz nach Ausfall, ca. {power} kW",
            ),
        ),
        Line(
            "pellet-boilers",
            "Pelletheizungen",
            share=0.14,
            carried=0.55,
            value=27_500,
            wishes=(
                (
                    "Bauernhaus, {area} m², bisher Stückholz. Wir wollen auf Pellets umsteigen,"
                    " Lagerraum ist vorhanden."
                ),
                (
                    "Öltank soll raus, dort könnte das Pelletlager hin. Heizlast laut Berater"
                    " {power} kW."
                ),
                (
                    "Was kostet ein Pelletkessel mit Austragung und Pufferspeicher für ein Haus von"
                    " {year}?"
                ),
            ),
            summaries=(
                "Pelletkessel {power} kW mit Lager",
                "Umstieg von Öl auf Pellets, {area} m²",
                "Pelletheizung mit Pufferspeicher, Haus von {year}",
            ),
        ),
        Line(
            "solar-thermal",
            "Solarthermie",
            share=0.13,
            carried=0.5,
            value=9_500,
            wishes=(
                (
                    "Wir möchten das Warmwasser für {persons} Personen über das Dach machen,"
                    " Südseite, ca. 30 Grad Neigung."
                ),
                "Solaranlage zur Unterstützung der Heizung, Dachfläche etwa {roof} m².",
                "Unsere Kollektoren sind von {year}, lohnt sich der Austausch?",
            ),
            summaries=(
                "Solarthermie für Warmwasser, {persons} Personen",
                "Heizungsunterstützung, Dach {roof} m²",
                "Austausch alter Kollektoren",
            ),
        ),
        Line(
            "ventilation",
            "Wohnraumlüftung",
            share=0.13,
            carried=0.45,
            value=8_800,
            wishes=(
                (
                    "Nach dem Fenstertausch haben wir Schimmel in zwei Zimmern. Wir interessieren"
                    " uns für eine dezentrale Lüftung."
                ),
                (
                    "Neubau {area} m², der Energieberater verlangt eine Lüftung mit"
                    " Wärmerückgewinnung."
                ),
                (
                    "Lüftungsgerät von {year}, laut und ohne Ersatzteile. Bitte um Angebot für den"
                    " Tausch."
                ),
            ),
            summaries=(
                "Lüftung mit Wärmerückgewinnung, {area} m²",
                "Dezentrale Lüftung, zwei bis drei Räume",
                "Tausch Lüftungsgerät von {year}",
            ),
        ),
    ),
    levels=(
        ("bronze", "Fachpartner Bronze", 1),
        ("silver", "Fachpartner Silber", 2),
        ("gold", "Fachpartner Gold", 3),
    ),
    companies={
        "DE": (
            "{name} Haustechnik GmbH",
            "{name} Heizung & Sanitär GmbH",
            "{name} Heizungsbau",
            "{name} & Sohn Sanitär Heizung GmbH",
            "Gebr. {name} Wärmetechnik OHG",
            "{name} Gebäudetechnik GmbH & Co. KG",
            "Haustechnik {city} {name} GmbH",
            "{name} Bad und Wärme e.K.",
        ),
        "AT": (
            "{name} Installationen GmbH",
            "Installateur {name} e.U.",
            "{name} Haustechnik GmbH",
            "{name} Gas Wasser Heizung GmbH",
            "{name} & Söhne Energietechnik KG",
        ),
        "CH": (
            "{name} Haustechnik AG",
            "{name} Heizungen GmbH",
            "{name} Gebäudetechnik AG",
            "{name} Sanitär Heizung AG",
            "Gebr. {name} Wärme AG",
        ),
    },
    waves=(
        {"partners": 3, "response_window": 14_400, "radius_km": 60, "head_start": 0},
        {"partners": 5, "response_window": 43_200, "radius_km": 120, "head_start": 0},
    ),
    special=(
        "pellet-boilers",
        (
            {"partners": 2, "response_window": 28_800, "radius_km": 90, "head_start": 900},
            {"partners": 5, "response_window": 86_400, "radius_km": None, "head_start": 0},
        ),
    ),
    campaigns=("heizungstausch", "foerderung-nutzen", "raus-aus-oel", "waermepumpe-testen"),
    evidence={
        "HOT": (
            "Hat ein Angebot angefordert und Fotos vom Heizraum hochgeladen",
            "Anlage konfiguriert und um Rückruf gebeten",
            "Heizung ausgefallen, bittet um Termin noch diese Woche",
            "Förderantrag ist gestellt, sucht ausführenden Betrieb",
            "Energieberatung liegt vor, Heizlast bekannt",
        ),
        "WARM": (
            "Broschüre heruntergeladen und Kontaktformular ausgefüllt",
            "Förderrechner benutzt, Baujahr und Wohnfläche angegeben",
            "Am Messestand beraten, Unterlagen mitgenommen",
            "Zweimal auf der Seite mit Preisbeispielen",
            "Fragt nach Betrieben in der Nähe",
        ),
        "COLD": (
            "Newsletter mit Interesse an neuer Heizung bestellt",
            "Gewinnspiel auf der Messe, allgemeines Interesse",
            "Informiert sich für ein Vorhaben im nächsten Jahr",
        ),
    },
    staff=(("Sabine", "Krüger"), ("Markus", "Feldmann"), ("Nina", "Aigner")),
)
