"""What columns of a partner file may mean, and what they are usually called."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

WITHOUT = ""
# Spellings that mean the same letter.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Field(NamedTuple):
    """Something that a column may be.

    :ivar name: of ``PartnerDetails``, or a part of one of its certifications.
    :ivar headings: what such a column is usually called, in German and English.
    :ivar meaning: what to write into it.
    :ivar example: as a template shows it.
    :ivar joined_by: what stands between the cells of several columns; ``None`` takes only one.
    """

    name: str
    label: Any
    headings: str
    meaning: Any
    example: str
    joined_by: str | None = None


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field(
            "external_id",
            _("Number"),
            "number, no, id, partner number, partner no, partner id, external id, customer number, "
            "dealer number, account, account number, nummer, nr, partnernummer, partnernr, "
            "partner nr, kundennummer, kundennr, kunden nr, haendlernummer, haendlernr, debitor, "
            "debitorennummer, kreditor, lieferantennummer",
            _("By which you know this partner; it stays."),
            "D-1001",
        ),
        Field(
            "name",
            _("Name"),
            "name, company, company name, partner, partner name, dealer, firm, firma, firmenname, "
            "firmierung, betrieb, haendler, fachpartner, unternehmen, name 1, name1, name 2, name2",
            _("The company; a new partner needs it."),
            "Heizung Huber GmbH",
            " ",
        ),
        Field(
            "status",
            _("Status"),
            "status, state, active, aktiv, zustand",
            _("active, paused or left; a new partner is active."),
            "aktiv",
        ),
        Field(
            "email",
            _("E-mail address"),
            "email, e mail, mail, email address, e mail address, emailadresse, e mail adresse, "
            "mailadresse",
            _("New offers go there too."),
            "info@huber.example",
        ),
        Field(
            "phone",
            _("Phone"),
            "phone, telephone, phone number, tel, mobile, telefon, telefonnummer, rufnummer, "
            "telefonnr, mobil, handy",
            _("With or without the country's prefix."),
            "+49 89 1234567",
        ),
        Field(
            "language",
            _("Language"),
            "language, lang, sprache, korrespondenzsprache",
            _("de or en; a new partner is written to in German."),
            "de",
        ),
        Field(
            "street",
            _("Street"),
            "street, address, street address, strasse, str, anschrift, adresse, "
            "strasse hausnummer, strasse und hausnummer, strasse nr, hausnummer, hausnr, "
            "house number",
            _("With the number; several columns are put together."),
            "Musterweg 1",
            " ",
        ),
        Field(
            "postal_code",
            _("Postal code"),
            "postal code, postcode, zip, zip code, plz, postleitzahl",
            _("Where the partner is; leading zeros that Excel took away come back in Germany."),
            "80331",
        ),
        Field(
            "city",
            _("Town"),
            "city, town, ort, stadt, wohnort, ortschaft",
            _("Left empty, it is that of the postal code."),
            "München",
        ),
        Field(
            "country",
            _("Country"),
            "country, country code, land, laendercode, laenderkennzeichen, staat, lkz",
            _("DE, AT, CH ... or the country's name."),
            "DE",
        ),
        Field(
            "latitude",
            _("Latitude"),
            "latitude, lat, breitengrad, breite, geo breite",
            _("In degrees; without coordinates the postal code's centre is taken."),
            "48.1345",
        ),
        Field(
            "longitude",
            _("Longitude"),
            "longitude, lon, lng, long, laengengrad, laenge, geo laenge",
            _("In degrees; without coordinates the postal code's centre is taken."),
            "11.5710",
        ),
        Field(
            "radius_km",
            _("Radius in km"),
            "radius, radius km, radius in km, umkreis, umkreis km, umkreis in km, einsatzradius, "
            "entfernung, distance",
            _("How far around its place the partner works."),
            "50",
        ),
        Field(
            "postal_code_areas",
            _("Postal code areas"),
            "postal code areas, postal codes, areas, zip codes, area, plz gebiet, plz gebiete, "
            "gebiet, gebiete, plz bereiche, plz bereich, einzugsgebiet, vertriebsgebiet, "
            "postleitzahlengebiete, postleitzahlen",
            _("Beginnings or ranges: 80; 85221-85259; AT:10."),
            "80; 85221-85259",
            ";",
        ),
        Field(
            "regions",
            _("Federal states"),
            "regions, region, states, state code, federal states, federal state, bundesland, "
            "bundeslaender, bundeslaender und kantone, kanton, kantone, regionen",
            _("Names or codes: Bayern; DE-BW; AT-7."),
            "DE-BY",
            ";",
        ),
        Field(
            "product_lines",
            _("Product lines"),
            "product lines, product line, products, portfolio, lines, produktlinien, produktlinie, "
            "produkte, sortiment, sparte, sparten, produktgruppen, produktbereich",
            _("Codes or names as in your set-up, with semicolons between."),
            "",
            ";",
        ),
        Field(
            "certification_level",
            _("Certification: level"),
            "certification, certifications, certification level, level, levels, certificate, "
            "zertifizierung stufe, "
            "zertifizierung, zertifizierungen, zertifizierungsstufe, stufe, stufen, zertifikat, "
            "zertifikate, partnerstatus, qualifikation",
            _("Codes or names as in your set-up, with semicolons between."),
            "",
            ";",
        ),
        Field(
            "certification_product_line",
            _("Certification: product line"),
            "certification product line, certified for, certification for, zertifiziert fuer, "
            "zertifizierung fuer, zertifizierung produktlinie, stufe fuer",
            _("For which product line each level holds; empty for all of them."),
            "",
            ";",
        ),
        Field(
            "certification_valid_until",
            _("Certification: valid until"),
            "certification valid until, valid until, valid to, expires, expiry date, "
            "certification until, gueltig bis, zertifiziert bis, zertifizierung bis, "
            "zertifizierung gueltig bis, ablaufdatum",
            _("31.12.2027 or 2027-12-31 for each level; empty without end."),
            "",
            ";",
        ),
        Field(
            "cap_open",
            _("Leads in hand"),
            "leads in hand, open leads, cap open, max open, max open leads, offene leads, "
            "max offene leads, leads in arbeit",
            _("At most so many at a time; empty for no limit."),
            "10",
        ),
        Field(
            "cap_per_day",
            _("Offers a day"),
            "offers a day, cap per day, per day, max per day, angebote am tag, angebote pro tag, "
            "pro tag, max pro tag",
            _("At most so many; empty for no limit."),
            "",
        ),
        Field(
            "cap_per_week",
            _("Offers a week"),
            "offers a week, cap per week, per week, max per week, angebote in der woche, "
            "angebote pro woche, pro woche, max pro woche",
            _("At most so many; empty for no limit."),
            "",
        ),
        Field(
            "cap_per_month",
            _("Offers a month"),
            "offers a month, cap per month, per month, max per month, angebote im monat, "
            "angebote pro monat, pro monat, max pro monat",
            _("At most so many; empty for no limit."),
            "",
        ),
        Field(
            "weight",
            _("Preference"),
            "weight, preference, priority, gewicht, gewichtung, bevorzugung, prioritaet",
            _("0 to 100; 50 is neither preferred nor put behind."),
            "50",
        ),
    )
}
NEEDED = "external_id"


def simplified(heading: str) -> str:
    """Write a heading without what people write differently: case, umlauts, signs, blanks."""
    text = unicodedata.normalize("NFC", heading).casefold().translate(_UMLAUTS)
    text = unicodedata.normalize("NFKD", text)
    return " ".join(re.findall(r"[a-z0-9]+", text))


_BY_HEADING = {
    simplified(heading): field.name
    for field in FIELDS.values()
    for heading in (*field.headings.split(","), field.name)
}


def guess_fields(headings: Iterable[str]) -> list[str]:
    """Guess for each column which field it is; ``WITHOUT`` where there is no telling.

    A field that takes one column only gets the first that is called like it.
    """
    guessed: list[str] = []
    for heading in headings:
        name = _BY_HEADING.get(simplified(heading), WITHOUT)
        is_free = name not in guessed or (name and FIELDS[name].joined_by is not None)
        guessed.append(name if is_free else WITHOUT)
    return guessed


def fields_of_row(cells: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Sort the cells of a row by field; blank ones say nothing.

    :param columns: the field of each column.
    """
    found: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if not name or not cell:
            continue
        joined_by = FIELDS[name].joined_by
        is_more = name in found and joined_by is not None
        found[name] = f"{found[name]}{joined_by}{cell}" if is_more else cell
    return found
