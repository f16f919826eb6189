"""Names of federal states, in the spellings that place data comes in, to ISO 3166-2 codes."""

from django.utils.translation import get_language

CODES = {
    "DE": {
        "Baden-Württemberg": "DE-BW",
        "Bavaria": "DE-BY",
        "Bayern": "DE-BY",
        "Berlin": "DE-BE",
        "Land Berlin": "DE-BE",
        "Brandenburg": "DE-BB",
        "Bremen": "DE-HB",
        "Hamburg": "DE-HH",
        "Hessen": "DE-HE",
        "Lower Saxony": "DE-NI",
        "Mecklenburg-Vorpommern": "DE-MV",
        "Mecklenburg-Western Pomerania": "DE-MV",
        "Niedersachsen": "DE-NI",
        "Nordrhein-Westfalen": "DE-NW",
        "Rheinland-Pfalz": "DE-RP",
        "Saarland": "DE-SL",
        "Sachsen": "DE-SN",
        "Sachsen-Anhalt": "DE-ST",
        "Saxony": "DE-SN",
        "Saxony-Anhalt": "DE-ST",
        "Schleswig-Holstein": "DE-SH",
        "Thuringia": "DE-TH",
        "Thüringen": "DE-TH",
    },
    "AT": {
        "Burgenland": "AT-1",
        "Kärnten": "AT-2",
        "Niederösterreich": "AT-3",
        "Oberösterreich": "AT-4",
        "Salzburg": "AT-5",
        "Steiermark": "AT-6",
        "Tirol": "AT-7",
        "Vorarlberg": "AT-8",
        "Wien": "AT-9",
    },
    "CH": {
        "Canton de Berne": "CH-BE",
        "Canton de Fribourg": "CH-FR",
        "Canton de Vaud": "CH-VD",
        "Canton du Valais": "CH-VS",
        "Genève": "CH-GE",
        "Jura": "CH-JU",
        "Kanton Aargau": "CH-AG",
        "Kanton Appenzell Ausserrhoden": "CH-AR",
        "Kanton Appenzell Innerrhoden": "CH-AI",
        "Kanton Basel-Landschaft": "CH-BL",
        "Kanton Basel-Stadt": "CH-BS",
        "Kanton Glarus": "CH-GL",
        "Kanton Graubünden": "CH-GR",
        "Kanton Luzern": "CH-LU",
        "Kanton Nidwalden": "CH-NW",
        "Kanton Obwalden": "CH-OW",
        "Kanton Schaffhausen": "CH-SH",
        "Kanton Schwyz": "CH-SZ",
        "Kanton Solothurn": "CH-SO",
        "Kanton St. Gallen": "CH-SG",
        "Kanton Thurgau": "CH-TG",
        "Kanton Uri": "CH-UR",
        "Kanton Zug": "CH-ZG",
        "Kanton Zürich": "CH-ZH",
        "Neuchâtel": "CH-NE",
        "Ticino": "CH-TI",
    },
}

# Names in German, without the words for "state" and "canton".
NAMES = {
    "DE-BW": "Baden-Württemberg",
    "DE-BY": "Bayern",
    "DE-BE": "Berlin",
    "DE-BB": "Brandenburg",
    "DE-HB": "Bremen",
    "DE-HH": "Hamburg",
    "DE-HE": "Hessen",
    "DE-MV": "Mecklenburg-Vorpommern",
    "DE-NI": "Niedersachsen",
    "DE-NW": "Nordrhein-Westfalen",
    "DE-RP": "Rheinland-Pfalz",
    "DE-SL": "Saarland",
    "DE-SN": "Sachsen",
    "DE-ST": "Sachsen-Anhalt",
    "DE-SH": "Schleswig-Holstein",
    "DE-TH": "Thüringen",
    "AT-1": "Burgenland",
    "AT-2": "Kärnten",
    "AT-3": "Niederösterreich",
    "AT-4": "Oberösterreich",
    "AT-5": "Salzburg",
    "AT-6": "Steiermark",
    "AT-7": "Tirol",
    "AT-8": "Vorarlberg",
    "AT-9": "Wien",
    "CH-AG": "Aargau",
    "CH-AR": "Appenzell Ausserrhoden",
    "CH-AI": "Appenzell Innerrhoden",
    "CH-BL": "Basel-Landschaft",
    "CH-BS": "Basel-Stadt",
    "CH-BE": "Bern",
    "CH-FR": "Freiburg",
    "CH-GE": "Genf",
    "CH-GL": "Glarus",
    "CH-GR": "Graubünden",
    "CH-JU": "Jura",
    "CH-LU": "Luzern",
    "CH-NE": "Neuenburg",
    "CH-NW": "Nidwalden",
    "CH-OW": "Obwalden",
    "CH-SH": "Schaffhausen",
    "CH-SZ": "Schwyz",
    "CH-SO": "Solothurn",
    "CH-SG": "St. Gallen",
    "CH-TI": "Tessin",
    "CH-TG": "Thurgau",
    "CH-UR": "Uri",
    "CH-VD": "Waadt",
    "CH-VS": "Wallis",
    "CH-ZG": "Zug",
    "CH-ZH": "Zürich",
}


# What people who read English call some of them.
IN_ENGLISH = {
    "DE-BY": "Bavaria",
    "DE-HE": "Hesse",
    "DE-MV": "Mecklenburg-Western Pomerania",
    "DE-NI": "Lower Saxony",
    "DE-NW": "North Rhine-Westphalia",
    "DE-RP": "Rhineland-Palatinate",
    "DE-SN": "Saxony",
    "DE-ST": "Saxony-Anhalt",
    "DE-TH": "Thuringia",
    "AT-2": "Carinthia",
    "AT-3": "Lower Austria",
    "AT-4": "Upper Austria",
    "AT-6": "Styria",
    "AT-7": "Tyrol",
    "AT-9": "Vienna",
    "CH-FR": "Fribourg",
    "CH-GE": "Geneva",
    "CH-LU": "Lucerne",
    "CH-NE": "Neuchâtel",
    "CH-TI": "Ticino",
    "CH-VD": "Vaud",
    "CH-VS": "Valais",
    "CH-ZH": "Zurich",
}


def region_name(code: str) -> str:
    """Name a federal state in the reader's language; one that is not known by its code."""
    name = NAMES.get(code, code)
    is_german = (get_language() or "en").startswith("de")
    return name if is_german else IN_ENGLISH.get(code, name)


def regions_of(country: str) -> list[tuple[str, str]]:
    """List the federal states of a country, pairs of code and name, by name."""
    codes = (code for code in NAMES if code.startswith(f"{country}-"))
    return sorted(((code, region_name(code)) for code in codes), key=lambda one: one[1])


def region_code(country: str, name: str) -> str:
    """Find the ISO 3166-2 code of a federal state by name; empty if the name says nothing."""
    return CODES.get(country, {}).get(name, "")


def has_holidays_of(code: str) -> bool:
    """Tell whether the holidays of a country or federal state are known."""
    return code in CODES or code in NAMES


def holiday_regions() -> list[tuple[str, str]]:
    """List the federal states whose holidays are known, by code and name."""
    return [region for country in CODES for region in regions_of(country)]
