"""Invented names, streets, e-mail addresses and phone numbers that reach nobody."""

import secrets

from leadhub.demo.chance import Dice


def _words(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = _words(
    "Anna Bernd Birgit Carla Christian Claudia Daniel David Dieter Elena Elisabeth Eva Felix"
    " Florian Franziska Georg Gerhard Hannah Heike Helga Ingrid Jan Johanna Jonas Julia Jürgen"
    " Karin Katharina Klaus Laura Lea Lena Lukas Manfred Maria Markus Martin Martina Matthias"
    " Michael Monika Nadine Nicole Nina Oliver Patrick Paul Peter Petra Philipp Renate Robert"
    " Sabine Sandra Sarah Sebastian Silke Simon Sophie Stefan Susanne Sven Theresa Thomas Tobias"
    " Ulrike Ursula Verena Walter Werner Wolfgang"
)
LAST_NAMES = {
    "DE": _words(
        "Ahrens Albrecht Bachmann Becker Behrens Böhm Brandl Braun Busch Dietrich Ebert Engel"
        " Ernst Feldmann Fischer Förster Frank Franke Fuchs Gerlach Graf Günther Haas Hahn Hansen"
        " Hartmann Heinrich Herrmann Hoffmann Huber Jansen Jung Keller Kern Koch Köhler Krämer"
        " Kraus Krüger Kuhn Lang Lehmann Lindner Lorenz Ludwig Maier Marx Mayr Möller Neumann"
        " Nowak Otto Paulsen Peters Petersen Pfeiffer Pohl Reuter Richter Riedel Roth Sander"
        " Sauer Schäfer Schilling Schneider Scholz Schreiber Schubert Schulte Schuster Schwarz"
        " Seidel Simon Sommer Stein Thiel Ulrich Vogel Voigt Voss Wagner Walter Weber Weiß"
        " Wendt Werner Winkler Wolff Ziegler Zimmermann"
    ),
    "AT": _words(
        "Aigner Auer Bauer Berger Binder Brunner Eder Ebner Egger Fink Fuchs Gruber Haider"
        " Haslinger Hofer Holzer Huber Kainz Karner Koller Lackner Lang Lechner Leitner Maier"
        " Mayrhofer Moser Neubauer Pichler Pfeffer Reiter Riegler Schmid Schwaiger Stadler"
        " Steiner Strasser Thaler Unger Wallner Weiss Wieser Wimmer Winkler Zauner"
    ),
    "CH": _words(
        "Ammann Baumann Bieri Bolliger Brunner Bühler Bürgi Egli Fehr Frei Frey Furrer Gerber"
        " Graf Graber Hauser Hofmann Huber Hunziker Iten Kälin Kaufmann Keller Kunz Küng Lüthi"
        " Marti Meier Meyer Moser Müller Näf Odermatt Roth Schär Schmid Stalder Steiner Studer"
        " Suter Sutter Tanner Vogt Wäfler Wenger Widmer Wyss Zbinden Zehnder Zürcher"
    ),
}
STREETS = _words(
    "Ahornweg Amselweg Bachstraße Bahnhofstraße Bergstraße Birkenweg Blumenstraße Buchenweg"
    " Dorfstraße Eichenweg Feldstraße Finkenweg Fliederweg Gartenstraße Goethestraße Hauptstraße"
    " Hochstraße Kirchweg Lärchenweg Lerchenweg Lindenallee Mozartstraße Mühlweg Ringstraße"
    " Rosenweg Schillerstraße Schulstraße Sonnenhang Tannenweg Talstraße Wiesenweg Ziegelweg"
)
TRADE_STREETS = (
    "Am Gewerbepark",
    "Industriestraße",
    "Handwerkerring",
    "Gewerbestraße",
    "Werkstraße",
    "Bahnhofstraße",
    "Hauptstraße",
    "Lagerstraße",
    "Siemensring",
    "Am Bauhof",
    "Dieselstraße",
)
# Subscriber numbers that are set aside for films and books (Federal Network Agency, five cities
# of 1,000 each); a state takes those of the city that lies nearest.
FICTION_DE = {
    "+49 30 23125": ("DE-BE", "DE-BB", "DE-SN", "DE-ST", "DE-MV"),
    "+49 40 66969": ("DE-HH", "DE-SH", "DE-NI", "DE-HB"),
    "+49 221 4710": ("DE-NW", "DE-RP", "DE-SL"),
    "+49 69 90009": ("DE-HE", "DE-TH"),
    "+49 89 99998": ("DE-BY", "DE-BW"),
}
# Austria and Switzerland set none aside; no subscriber number there begins with 0.
AREA_CODES = {
    "AT-1": "2682",
    "AT-2": "463",
    "AT-3": "2742",
    "AT-4": "732",
    "AT-5": "662",
    "AT-6": "316",
    "AT-7": "512",
    "AT-8": "5574",
    "AT-9": "1",
    "CH-AG": "62",
    "CH-BE": "31",
    "CH-BL": "61",
    "CH-BS": "61",
    "CH-GR": "81",
    "CH-LU": "41",
    "CH-SG": "71",
    "CH-SH": "52",
    "CH-SO": "32",
    "CH-TG": "71",
    "CH-ZG": "41",
    "CH-ZH": "44",
}
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})
_LEGAL_FORMS = ("GmbH & Co. KG", "GmbH", "KG", "OHG", "e.K.", "e.U.", "AG")
_PASSWORD_WORDS = _words(
    "ahorn amsel anker apfel biene birke blitz brise buche dachs distel eiche elster falke farn"
    " feder fichte finke fjord flieder fuchs garten gipfel hafen hasel hecke herbst igel insel"
    " kiesel klee koppel kranich lerche linde luchs mohn moos nebel otter pappel quelle rabe"
    " regen reiher schilf sonne specht tanne ufer ulme wald weide wiese wolke ziege zunder"
)


class PhoneBook:
    """Numbers that reach nobody, each given out once as long as there are any."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._left: dict[str, list[int]] = {}

    def number(self, country: str, region: str) -> str:
        """Give the next number in a federal state."""
        if country == "DE":
            prefixes = (code for code, regions in FICTION_DE.items() if region in regions)
            prefix = next(prefixes, "+49 221 4710")
            return f"{prefix}{self._next(prefix):03}"
        if country == "AT":
            prefix = f"+43 {AREA_CODES.get(region, '1')} 00"
            return f"{prefix}{self._next(prefix):03}{self._next(prefix) % 10}"
        prefix = f"+41 {AREA_CODES.get(region, '44')} 00"
        return (
            f"{prefix}{self._next(prefix) % 10} {self._next(prefix):03}{self._dice.randrange(10)}"
        )

    def _next(self, prefix: str) -> int:
        left = self._left.setdefault(prefix, [])
        if not left:
            left.extend(self._dice.sample(range(1_000), 1_000))
        return left.pop()


def spelled_for(country: str, text: str) -> str:
    """Spell German as the country does: Switzerland knows no ß and asks for an Offerte."""
    if country != "CH":
        return text
    return (
        text.replace("ß", "ss")
        .replace("ein Angebot", "eine Offerte")
        .replace("Angebot", "Offerte")
        .replace("Parkplatz", "Parkfeld")
    )


def in_ascii(text: str) -> str:
    """Write a name the way it stands in an address of the internet."""
    plain = text.lower().translate(_ASCII)
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in plain)
    return "-".join(part for part in kept.split("-") if part)


def domain_of(company: str) -> str:
    """Give a company a domain that can exist nowhere (RFC 2606)."""
    for form in _LEGAL_FORMS:
        company = company.removesuffix(form).strip()
    return f"{in_ascii(company)}.example"


def address_of(first: str, last: str, domain: str) -> str:
    """Give a person an address at a domain."""
    return f"{in_ascii(first)}.{in_ascii(last)}@{domain}"


def new_password() -> str:
    """Make a password that can be read out; not from the seed, for then all demos had the same."""
    words = [secrets.choice(_PASSWORD_WORDS) for _ in range(3)]
    return f"{'-'.join(words)}-{secrets.randbelow(900) + 100}"
