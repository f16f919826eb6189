"""Documents for selling: which version holds, who finds it, what is counted."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import partner_context, tenant_context
from partners.materials.opening import open_version
from partners.materials.publishing import (
    Edition,
    MaterialWithdrawn,
    add_material,
    add_version,
    end_version,
    withdraw_material,
)
from partners.materials.selectors import (
    about_lines,
    called,
    current_versions_visible_to,
    in_one_language,
    materials_visible_to,
    times_opened,
    versions_visible_to,
)
from partners.models import Material, MaterialVersion, Partner
from partners.selectors import product_lines_visible_to
from tests.acting import DAY
from tests.factories import NOON, PDF, Network, count_rows

TODAY = NOON.date()
A_DAY = timedelta(days=1)


def edition(**changes: Any) -> Edition:
    known: dict[str, Any] = {
        "content": PDF, "file_name": "Prices.pdf", "language": "de", "valid_from": TODAY,
    }  # fmt: skip
    return Edition(**known | changes)


def publish(network: Network, *, lines: tuple[str, ...] = (), **changes: Any) -> Material:
    title = changes.pop("title", "Prices")
    return add_material(
        title=title, kind="PRICE_LIST", product_lines=lines, edition=edition(**changes),
        by=network.by, at=NOON,
    )  # fmt: skip


def found_by(network: Network, partner: Partner, *, at: datetime = NOON) -> list[MaterialVersion]:
    actor = network.actor_for(partner)
    with partner_context([partner.id]):
        return list(current_versions_visible_to([actor], at=at).order_by("id"))


def holding(network: Network, partner: Partner, *, at: datetime = NOON) -> list[tuple[str, int]]:
    return sorted((one.language, one.number) for one in found_by(network, partner, at=at))


def version_of(material: Material, number: int = 1) -> MaterialVersion:
    with tenant_context(material.manufacturer_id):
        return MaterialVersion.objects.get(material=material, number=number)


def test_a_new_version_replaces_the_one_before_from_its_first_day_on(network: Network) -> None:
    partner, material = network.partner(), publish(network)

    add_version(
        material=material, edition=edition(valid_from=TODAY + 2 * A_DAY), by=network.by, at=NOON
    )

    assert holding(network, partner) == [("de", 1)]
    assert holding(network, partner, at=NOON + 2 * DAY) == [("de", 2)]


def test_whoever_has_the_address_of_an_older_version_opens_it_while_it_is_valid(
    network: Network,
) -> None:
    partner = network.partner()
    material = publish(network, valid_until=TODAY + A_DAY)
    add_version(material=material, edition=edition(), by=network.by, at=NOON)
    actor, old = network.actor_for(partner), version_of(material)

    def is_there(at: datetime) -> bool:
        with partner_context([partner.id]):
            return versions_visible_to([actor], at=at).filter(id=old.id).exists()

    assert holding(network, partner) == [("de", 2)]
    assert is_there(NOON + DAY)
    assert not is_there(NOON + 2 * DAY)


def test_what_has_ended_does_not_bring_an_older_version_back(network: Network) -> None:
    partner, material = network.partner(), publish(network)
    add_version(material=material, edition=edition(valid_until=TODAY), by=network.by, at=NOON)

    assert holding(network, partner) == [("de", 2)]
    assert holding(network, partner, at=NOON + DAY) == []


def test_a_version_begins_and_ends_on_the_manufacturers_day(network: Network) -> None:
    partner = network.partner()
    publish(network, valid_from=date(2026, 3, 3), valid_until=date(2026, 3, 3))
    # Midnight in Berlin is an hour before that of UTC.
    midnight = datetime(2026, 3, 2, 23, 0, tzinfo=NOON.tzinfo)

    assert holding(network, partner, at=midnight - timedelta(minutes=1)) == []
    assert holding(network, partner, at=midnight) == [("de", 1)]
    assert holding(network, partner, at=midnight + DAY) == []


def test_counts_versions_in_each_language(network: Network) -> None:
    partner, material = network.partner(), publish(network)
    for language in ("en", "de", "en"):
        add_version(material=material, edition=edition(language=language), by=network.by, at=NOON)

    assert holding(network, partner) == [("de", 2), ("en", 2)]


@pytest.mark.parametrize(
    ("languages", "reader", "shown"),
    [
        (("de", "en"), "en", "en"),
        (("de", "en"), "de", "de"),
        (("de", "fr"), "en", "de"),
        (("en", "fr"), "de", "en"),
        (("fr", "it"), "en", "fr"),
    ],
)
def test_shows_the_readers_language_or_the_next_best(
    network: Network, languages: tuple[str, str], reader: str, shown: str
) -> None:
    partner = network.partner()
    material = publish(network, language=languages[0])
    add_version(material=material, edition=edition(language=languages[1]), by=network.by, at=NOON)

    (version,) = in_one_language(found_by(network, partner), language=reader)

    assert version.language == shown


def test_a_document_that_was_withdrawn_is_found_and_opened_by_no_partner(network: Network) -> None:
    partner, material = network.partner(), publish(network)
    actor = network.actor_for(partner)

    assert withdraw_material(material=material, by=network.by, at=NOON)
    assert not withdraw_material(material=material, by=network.by, at=NOON)

    with partner_context([partner.id]):
        assert not versions_visible_to([actor], at=NOON).exists()
        assert not Material.objects.exists()
        assert not MaterialVersion.objects.exists()
    with tenant_context(network.manufacturer.id):
        assert materials_visible_to(network.by, at=NOON).count() == 1
    with pytest.raises(MaterialWithdrawn):
        add_version(material=material, edition=edition(), by=network.by, at=NOON)


def test_finds_what_is_about_a_line_or_about_all(network: Network) -> None:
    partner = network.partner()
    publish(network, title="Pumps", lines=("heat-pumps",))
    publish(network, title="Boilers", lines=("boilers",))
    publish(network, title="Both", lines=("boilers", "heat-pumps"))
    publish(network, title="All")
    actor = network.actor_for(partner)

    with partner_context([partner.id]):
        line = product_lines_visible_to(actor).get(code="heat-pumps")
        versions = about_lines(current_versions_visible_to([actor], at=NOON), [line.id])
        titles = {version.material.title for version in versions}

    assert titles == {"Pumps", "Both", "All"}


def test_finds_by_words_of_title_and_file(network: Network) -> None:
    partner = network.partner()
    publish(network, title="Brochure of heat pumps")
    publish(network, title="Prices", file_name="boilers-2026.pdf")
    actor = network.actor_for(partner)

    with partner_context([partner.id]):
        versions = current_versions_visible_to([actor], at=NOON)
        found = {
            text: [version.material.title for version in called(versions, text)]
            for text in ("PUMPS brochure", "boilers", "100%", "nothing")
        }

    assert found == {
        "PUMPS brochure": ["Brochure of heat pumps"], "boilers": ["Prices"], "100%": [],
        "nothing": [],
    }  # fmt: skip


def test_counts_each_opening_of_a_partner_and_none_of_the_manufacturer(network: Network) -> None:
    one, other = network.partners(2)
    material = publish(network)
    version = version_of(material)

    for actor in (network.actor_for(one), network.actor_for(one), network.actor_for(other)):
        assert open_version(version=version, by=actor, at=NOON) == PDF
    open_version(version=version, by=network.by, at=NOON)

    with tenant_context(network.manufacturer.id):
        counted = times_opened(material, actor=network.by)[version.id]
    assert (counted["times"], counted["partners"]) == (3, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": b"MZ"}, "content"),
        ({"content": b""}, "content"),
        ({"valid_until": TODAY - A_DAY}, "valid_until"),
        ({"lines": ("heat-pumps", "rockets")}, "product_lines.1"),
    ],
)
def test_stores_nothing_of_what_it_refuses(
    network: Network, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        publish(network, **changes)

    assert refused.value.field == field
    assert (count_rows(Material), count_rows(MaterialVersion)) == (0, 0)


def test_a_version_does_not_end_before_it_begins(network: Network) -> None:
    version = version_of(publish(network))

    with pytest.raises(InvalidInput):
        end_version(version=version, valid_until=TODAY - A_DAY, by=network.by)
    ended = end_version(version=version, valid_until=TODAY, by=network.by)

    assert ended.valid_until == TODAY
