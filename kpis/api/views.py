"""Calls of figures and history."""

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiRequest, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.api.formats import FiguresCSV, HistoryCSV
from kpis.api.outputs import write_catalogue, write_figures, write_network
from kpis.api.serializers import (
    CatalogueAnswer,
    FiguresAnswer,
    FiguresQuery,
    HistoryAnswer,
    HistoryRow,
)
from kpis.history import import_history, read_csv, read_json_rows
from kpis.network import network_visible_to
from kpis.selectors import figures_visible_to
from leadhub.core.api.parsing import JSONParser
from leadhub.core.api.rendering import JSONRenderer
from leadhub.core.errors import InvalidInput
from partners.api.views import ApiView
from partners.roles import Capability

NOT_FOR_PARTNERS = "Only the manufacturer's side sees the figures of its network."


class FiguresView(ApiView):
    """The figures of a period."""

    needs = {"GET": Capability.SEE_FIGURES}
    renderer_classes = [JSONRenderer, FiguresCSV]

    @extend_schema(
        operation_id="kpis_read",
        parameters=[FiguresQuery],
        responses={(200, "application/json"): FiguresAnswer, (200, "text/csv"): str},
    )
    def get(self, request: Request) -> Response:
        """Compute the figures of the picks accepted in a period, by groups and over all.

        A partner's key sees its own picks.
        """
        query = FiguresQuery(data=_parameters(request))
        query.is_valid(raise_exception=True)
        wants_network = bool(query.validated_data.get("include"))
        if wants_network and self.actor.is_partner:
            raise InvalidInput(field="include", message=NOT_FOR_PARTNERS, code="not_for_partners")
        figures = figures_visible_to(
            self.actor,
            period=query.period,
            group_by=query.validated_data["group_by"],
            filters=query.filters,
            clock=query.validated_data["clock"],
            compare=query.compared_with,
            is_whole=True,
            at=self.at,
        )
        answer = write_figures(figures)
        if wants_network:
            network = network_visible_to(
                self.actor,
                period=query.period,
                group_by=query.validated_data["group_by"],
                filters=query.filters,
                clock=query.validated_data["clock"],
                at=self.at,
            )
            answer["network"] = write_network(network)
        return Response(answer)


class CatalogueView(ApiView):
    """What figures there are."""

    needs = {"GET": Capability.SEE_FIGURES}

    @extend_schema(operation_id="kpis_catalogue", responses=CatalogueAnswer)
    def get(self, request: Request) -> Response:
        """List every figure with its formula in words."""
        return Response(write_catalogue())


class HistoryView(ApiView):
    """Past leads with their timestamps."""

    needs = {"POST": Capability.IMPORT_HISTORY}
    body_max_bytes = settings.API_BULK_BODY_MAX_BYTES
    parser_classes = [JSONParser, HistoryCSV]

    @extend_schema(
        operation_id="history_import",
        request={
            "application/json": OpenApiRequest(HistoryRow(many=True)),
            "text/csv": OpenApiRequest(OpenApiTypes.BINARY),
        },
        responses=HistoryAnswer,
    )
    def post(self, request: Request) -> Response:
        """Store past leads as events; nothing is routed, sent or timed.

        Rows that are refused are reported by line (CSV: the header is line 1; JSON: the N-th
        element) and leave the others alone. The same rows again change nothing.
        """
        body: Any = request.data
        rows = read_csv(body) if isinstance(body, bytes) else read_json_rows(body)
        imported = import_history(rows=rows, by=self.actor, at=self.at)
        return Response(
            {"stored": imported.stored, "known": imported.known, "refused": imported.refused}
        )


def _parameters(request: Request) -> dict[str, str]:
    """Read the query; dimensions may come in one parameter or in several."""
    parameters = {name: request.query_params[name] for name in request.query_params}
    if "group_by" in parameters:
        parameters["group_by"] = ",".join(request.query_params.getlist("group_by"))
    return parameters
