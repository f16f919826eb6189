"""The call that tells all that is held about one customer."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.fields import Email, Input, Instant, Output, Text
from leads.customer_data import export_customer_data, identify_customer
from partners.api.views import ApiView
from partners.roles import Capability


class CustomerInput(Input):
    """Whom it is about: ``email``, ``phone`` or both; the phone with its international prefix."""

    email = Email(required=False, max_length=254)
    phone = Text(required=False, max_length=60)


class AskedOutput(Output):
    """What was looked for, as it is stored."""

    email = serializers.CharField()
    phones = serializers.ListField(child=serializers.CharField())


class CustomerDataOutput(Output):
    """All that is held; each of ``leads`` with every column and everything that belongs to it."""

    exported_at = Instant()
    manufacturer = serializers.CharField()
    asked_for = AskedOutput()
    leads = serializers.ListField(child=serializers.DictField())


CUSTOMER = CustomerInput()


class CustomerDataView(ApiView):
    """``/customer-data/``: a POST, so that no address holds anything personal."""

    needs: ClassVar[dict[str, Capability]] = {"POST": Capability.PROTECT_DATA}

    @extend_schema(
        operation_id="export_customer_data", request=CustomerInput, responses=CustomerDataOutput
    )
    def post(self, request: Request) -> Response:
        """Tell all that is held about one customer, of every lead with this address or number."""
        sent: dict[str, Any] = self.read(CUSTOMER)
        customer = identify_customer(
            email=sent.get("email", ""), phone=sent.get("phone", ""), actor=self.actor
        )
        return Response(export_customer_data(customer, by=self.actor, at=self.at))
