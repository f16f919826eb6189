"""What waits for a person is found without reading what does not."""

import re

from django.db import connection

from leadhub.core.tenancy.context import tenant_context
from leads.attention import Attention, needing_attention
from leads.models import Lead
from tests.factories import NOON, Network


def test_keeps_an_index_of_the_returns_to_judge_alone(network: Network) -> None:
    """Statistics of the day decide which index serves a small table; so the index is looked at."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'return_to_judge'")
        ((kept,),) = cursor.fetchall()
    with tenant_context(network.manufacturer.id):
        leads = Lead.objects.filter(manufacturer=network.manufacturer.id)
        asked = str(needing_attention(leads, Attention.RETURNED, at=NOON).query)

    assert "(manufacturer_id, lead_id)" in kept
    for column in ("return_reason", "return_verdict"):
        (state,) = set(re.findall(rf'"?{column}"? (IS (?:NOT )?NULL)', asked))
        assert f"({column} {state})" in kept
