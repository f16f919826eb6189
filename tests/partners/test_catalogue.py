"""Product lines and levels as they are added and renamed."""

import pytest

from leadhub.core.tenancy.context import tenant_context
from partners.catalogue import CodeTaken, create_level, create_product_line, save_product_line
from partners.models import CertificationLevel, ProductLine
from tests.factories import Network


def test_adds_no_product_line_and_no_level_under_a_code_in_use(network: Network) -> None:
    with pytest.raises(CodeTaken):
        create_product_line(code="boilers", name="Other", by=network.by)
    with pytest.raises(CodeTaken):
        create_level(code="gold", name="Other", rank=1, by=network.by)

    with tenant_context(network.manufacturer.id):
        assert not ProductLine.objects.filter(name="Other").exists()
        assert not CertificationLevel.objects.filter(name="Other").exists()


def test_renames_a_product_line_by_its_code(network: Network) -> None:
    renamed, is_new = save_product_line(code="boilers", name="Condensing boilers", by=network.by)

    assert (renamed.name, is_new) == ("Condensing boilers", False)
