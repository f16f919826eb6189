"""Rows of partner files: what columns and cells mean, and what they cannot."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from hypothesis import example, given, settings, strategies as st
from openpyxl import load_workbook

from leadhub.core.tables import read_table
from partners.imports.cells import CERTIFICATION, RowRefused, read_details
from partners.imports.fields import FIELDS, guess_fields
from partners.imports.files import template_as_csv, template_as_xlsx
from partners.imports.stored import say_reasons
from partners.imports.words import Vocabulary
from partners.network import CertificationDetails

WORDS = Vocabulary(
    lines={"heat-pumps": "heat-pumps", "wärmepumpen": "heat-pumps", "boilers": "boilers"},
    levels={"gold": "gold", "silber": "silver", "silver": "silver"},
)


def read(*, default: str = "DE", **texts: str) -> dict[str, Any]:
    _, changes = read_details({"external_id": "1", **texts}, vocabulary=WORDS, country=default)
    return changes


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("Nummer;Firma;PLZ;Ort;E-Mail;Telefon", "external_id name postal_code city email phone"),
        ("Partner-Nr.;Name 1;Postleitzahl;Straße", "external_id name postal_code street"),
        ("PARTNER ID;Company;ZIP code;Town", "external_id name postal_code city"),
        ("Händlernummer;Umkreis (km);Länge;Breite", "external_id radius_km longitude latitude"),
        (
            "Kd.-Nr.;Produktgruppen;Stufe;gültig bis",
            " product_lines certification_level certification_valid_until",
        ),
        ("Strasse;Hausnummer;Sprache", "street street language"),
        ("Telefon;Mobil", "phone "),
        ("reason;Grund;", "  "),
    ],
)
def test_guesses_what_columns_are_called(headings: str, fields: str) -> None:
    assert guess_fields(headings.split(";")) == fields.split(" ")


@pytest.mark.parametrize("language", ["de", "en"])
def test_knows_its_own_templates(language: str) -> None:
    with translation.override(language):
        contents = (template_as_csv() + b"x\n", with_a_row(template_as_xlsx()))

    for content in contents:
        table = read_table(content, rows_at_most=50)
        assert guess_fields(table.headings) == list(FIELDS)


def with_a_row(content: bytes) -> bytes:
    book = load_workbook(BytesIO(content))
    book.worksheets[0].append(["x"])
    changed = BytesIO()
    book.save(changed)
    return changed.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", "Heizung   Huber", "Heizung Huber"),
        ("status", "Aktiv", "ACTIVE"),
        ("status", "gekündigt", "LEFT"),
        ("status", "nein", "PAUSED"),
        ("language", "Englisch", "en"),
        ("country", "Österreich", "AT"),
        ("country", "switzerland", "CH"),
        ("country", "d", "DE"),
        ("postal_code", "1067", "01067"),
        ("postal_code", "80331", "80331"),
        ("radius_km", "47,5 km", 47.5),
        ("radius_km", "50", 50.0),
        ("cap_open", "10", 10),
        ("cap_open", "10,0", 10),
        ("cap_per_day", "0", 0),
        ("weight", "100", 100),
        ("postal_code_areas", "80, 85221-85259; AT:10", ["80", "85221-85259", "AT:10"]),
        ("regions", "Bayern, Baden-Württemberg; AT-7", ["DE-BY", "DE-BW", "AT-7"]),
        ("regions", "BY", ["DE-BY"]),
        ("product_lines", "Wärmepumpen; BOILERS, heat-pumps", ["heat-pumps", "boilers"]),
        ("email", "-", ""),
        ("cap_open", "-", None),
        ("product_lines", "-", ()),
    ],
)
def test_reads_what_a_cell_means(name: str, text: str, value: Any) -> None:
    assert read(**{name: text}) == {name: value}


def test_pads_postal_codes_in_germany_only() -> None:
    assert read(default="AT", postal_code="1010") == {"postal_code": "1010"}
    texts = {"external_id": "1", "country": "AT", "postal_code": "1010"}
    assert read_details(texts, vocabulary=WORDS, country="DE")[1]["postal_code"] == "1010"


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        (("gold", "", ""), [("gold", None, None)]),
        (("Gold; Silber", "", ""), [("gold", None, None), ("silver", None, None)]),
        (
            ("gold; silver", "heat-pumps; ", "31.12.2027; 2028-01-31"),
            [
                ("gold", "heat-pumps", date(2027, 12, 31)),
                ("silver", None, date(2028, 1, 31)),
            ],
        ),
        (
            ("gold;gold", "heat-pumps;boilers", "31.12.2027"),
            [
                ("gold", "heat-pumps", date(2027, 12, 31)),
                ("gold", "boilers", date(2027, 12, 31)),
            ],
        ),
        (("gold; gold", "", "2027-01-01; 2028-01-01"), [("gold", None, date(2028, 1, 1))]),
        (("-", "", ""), []),
    ],
)
def test_puts_certifications_together(texts: tuple[str, ...], held: list[tuple[Any, ...]]) -> None:
    sent = {name: text for name, text in zip(CERTIFICATION, texts, strict=True) if text}

    assert read(**sent) == {"certifications": [CertificationDetails(*one) for one in held]}


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"status": "vielleicht"}, "Status: “vielleicht” is not known here."),
        ({"country": "Atlantis"}, "Country: “Atlantis” is not known here."),
        ({"email": "huber@"}, "E-mail address: “huber@” is no e-mail address."),
        ({"radius_km": "1.000"}, "Radius in km: “1.000” can be read in two ways"),
        ({"radius_km": "0"}, "Radius in km: This has to be a number from 0.1 to 20038, not “0”."),
        ({"radius_km": "weit"}, "not “weit”."),
        ({"latitude": "91", "longitude": "1"}, "Latitude: This has to be a number from -90 to 90"),
        ({"latitude": "48,1"}, "Longitude: Give both coordinates or none."),
        ({"weight": "101"}, "Preference: This has to be a whole number from 0 to 100, not “101”."),
        ({"cap_open": "2,5"}, "Leads in hand: This has to be a whole number"),
        ({"cap_open": "99999999999"}, "Leads in hand: This has to be a whole number"),
        ({"regions": "Bayern; Franken"}, "Federal states: Not known here: Franken."),
        ({"product_lines": "boilers; sofas"}, "Product lines: Not known here: sofas."),
        ({"certification_level": "Platin"}, "Certification: level: Not known here: Platin."),
        ({"certification_valid_until": "2027-01-01"}, "needs a level in its own column"),
        (
            {"certification_level": "gold;silver", "certification_valid_until": "1.1.2027;;"},
            "There are 2 levels and 3 entries here.",
        ),
        (
            {"certification_level": "gold", "certification_valid_until": "12/31/2027"},
            "Write the day as 31.12.2027 or 2027-12-31",
        ),
        (
            {"certification_level": "gold", "certification_valid_until": "31.02.2027"},
            "Write the day as 31.12.2027 or 2027-12-31",
        ),
        ({"name": "x" * 201}, "Name: At most 200 characters."),
        ({"name": "-"}, "Name: This cannot be emptied."),
        ({"city": "a\x1ab"}, "Town: There is a character that does not belong here."),
        ({"postal_code_areas": "8" * 26}, "These are too many, or one of them is too long."),
    ],
)
def test_says_what_is_wrong_and_where(texts: dict[str, str], says: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read(**texts)

    packed = [
        {"field": one.field, "text": one.text, "params": one.params}
        for one in refused.value.reasons
    ]
    assert says in say_reasons(packed)


def test_names_every_reason_of_a_row() -> None:
    with pytest.raises(RowRefused) as refused:
        read_details({"status": "?", "weight": "x"}, vocabulary=WORDS, country="DE")

    assert {one.field for one in refused.value.reasons} == {"external_id", "status", "weight"}


TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"), st.sampled_from(" ;,|-.:0123456789'\"\n\tDEgoldABC@kmÄß")
    ),
    min_size=1,
    max_size=40,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), TEXTS, max_size=8))
@example({"external_id": "1", "radius_km": "٣"})
@example({"certification_level": "gold", "certification_valid_until": "00.13.0000"})
@example({"external_id": "1", "cap_open": "0" * 9 + ",0"})
def test_reads_or_refuses_any_cells(texts: dict[str, str]) -> None:
    try:
        number, changes = read_details(texts, vocabulary=WORDS, country="DE")
    except RowRefused as refused:
        fields = {one.field for one in refused.reasons}
        refusals = [one.in_words() for one in refused.reasons]
    else:
        fields, refusals = set(), []
        assert number
        assert changes.keys() <= {*FIELDS, "certifications"}

    assert fields <= FIELDS.keys()
    assert all(refusals)
