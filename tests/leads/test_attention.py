"""What waits for a person is found without reading what does not."""

from django.db import connection

from leadhub.core.tenancy.context import tenant_context
from leads.attention import Attention, needing_attention
from leads.models import Lead
from tests.factories import NOON, Network


def test_finds_returns_to_judge_by_their_own_index(network: Network) -> None:
    with tenant_context(network.manufacturer.id), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # which a small table would be read by
        leads = Lead.objects.filter(manufacturer=network.manufacturer.id)

        plan = needing_attention(leads, Attention.RETURNED, at=NOON).explain()

    assert "return_to_judge" in plan
