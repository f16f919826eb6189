"""A call that is to go: said long before, in the document and by every answer."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from openapi_spec_validator import OpenAPIV31SpecValidator
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.retirement import Retirement
from leadhub.core.api.schema import WHEN_RETIRED
from partners.api.views import ApiView
from partners.roles import Capability
from tests.factories import Network

SINCE, UNTIL = date(2026, 3, 2), date(2027, 3, 31)


class OldView(ApiView):
    """Has a call that is to go and one that stays."""

    needs = {"GET": Capability.SEE_FIGURES, "POST": Capability.SEE_FIGURES}
    retired = {"GET": Retirement(since=SINCE, until=UNTIL)}

    @extend_schema(operation_id="read_old", responses={200: None})
    def get(self, request: Request) -> Response:
        """Read what there was."""
        return Response({})

    @extend_schema(operation_id="make_new", request=None, responses={200: None})
    def post(self, request: Request) -> Response:
        """Make what there is."""
        return Response({})


OLD = "/api/v1/old/"
urlpatterns = [path("api/v1/old/", OldView.as_view(), name="old")]


@pytest.fixture
def old(settings: Settings) -> None:
    """Let these be all addresses."""
    settings.ROOT_URLCONF = __name__


def by(network: Network) -> dict[str, str]:
    """Call with the manufacturer's key."""
    return {"Authorization": f"Bearer {network.api_key}"}


def document() -> Any:
    """The document of these calls."""
    made = SchemaGenerator(patterns=urlpatterns).get_schema(request=None, public=True)
    OpenAPIV31SpecValidator(made).validate()
    return made["paths"][OLD]


@pytest.mark.usefixtures("old")
def test_a_retired_call_says_so_in_every_answer(client: Client, network: Network) -> None:
    taken, refused = client.get(OLD, headers=by(network)), client.get(OLD)

    assert (taken.status_code, refused.status_code) == (200, 401)
    for answer in (taken, refused):
        assert answer.headers["Deprecation"] == "@1772409600"
        assert answer.headers["Sunset"] == "Wed, 31 Mar 2027 00:00:00 GMT"
        assert answer.headers["Link"].startswith('</api/docs/integrate.md>; rel="deprecation"')


@pytest.mark.usefixtures("old")
def test_a_call_beside_it_does_not(client: Client, network: Network) -> None:
    answer = client.post(OLD, {}, "application/json", headers=by(network))

    assert answer.status_code == 200
    assert not WHEN_RETIRED.keys() & set(answer.headers)


def test_the_document_marks_the_retired_call_alone() -> None:
    found = document()

    assert found["get"]["deprecated"] is True
    assert "Works until 2027-03-31" in found["get"]["description"]
    for answer in found["get"]["responses"].values():
        assert answer["headers"].keys() == WHEN_RETIRED.keys()
    assert "deprecated" not in found["post"]
    assert not any("headers" in answer for answer in found["post"]["responses"].values())


def test_less_than_a_year_is_no_notice() -> None:
    with pytest.raises(ValueError, match="365 days"):
        Retirement(since=SINCE, until=SINCE + timedelta(days=364))
