"""Calls about when a partner is away and whose leads it is not to get."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.fields import Choice, Day, Input, Instant, Output, Text
from partners.absences import add_absence, end_absence
from partners.api.partners import PartnerView
from partners.exclusions import KINDS, LONGEST_ENTRY, add_exclusion, remove_exclusion
from partners.roles import Capability
from partners.selectors import (
    absences_visible_to,
    exclusions_visible_to,
    partners_visible_to,
)


class AbsenceInput(Input):
    """Days on which the partner is asked for nothing, both included."""

    first_day = Day()
    last_day = Day()


class AbsenceOutput(Output):
    """An absence."""

    id = serializers.UUIDField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()


class ExclusionEntryInput(Input):
    """A source or customer whose leads the partner is never asked about."""

    kind = Choice(KINDS)
    value = Text(
        max_length=LONGEST_ENTRY,
        help_text="The source, e-mail address, its domain, or the company's name.",
    )


class ExclusionEntryOutput(Output):
    """An entry of the list; an e-mail address is kept as a digest and shown in part."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    value = serializers.CharField(source="shown")
    created_at = Instant()


ABSENCE_INPUT, ABSENCE = AbsenceInput(), AbsenceOutput()
EXCLUSION_INPUT, EXCLUSION = ExclusionEntryInput(), ExclusionEntryOutput()


class AvailabilityView(PartnerView):
    """What these calls share."""

    needs: ClassVar[dict[str, Capability]] = {
        "GET": Capability.SEE_NETWORK,
        "POST": Capability.CHANGE_NETWORK,
        "DELETE": Capability.CHANGE_NETWORK,
    }


class AbsencesView(AvailabilityView):
    """``/partners/{id}/absences/``."""

    ordering = ("first_day", "id")

    @extend_schema(operation_id="list_absences", responses=AbsenceOutput(many=True))
    def get(self, request: Request, partner_id: str) -> Response:
        """List a partner's absences, past ones as well, by their first day."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        return self.answer_page(absences_visible_to(self.actor).filter(partner=partner), ABSENCE)

    @extend_schema(operation_id="add_absence", request=AbsenceInput, responses={201: AbsenceOutput})
    def post(self, request: Request, partner_id: str) -> Response:
        """Add an absence; the same days again change nothing."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        absence = add_absence(
            partner=partner, by=self.actor, at=self.at, **self.read(ABSENCE_INPUT)
        )
        return Response(ABSENCE.to_representation(absence), status=201)


class AbsenceView(AvailabilityView):
    """``/absences/{id}/``."""

    @extend_schema(operation_id="end_absence", responses={204: None})
    def delete(self, request: Request, absence_id: str) -> Response:
        """End an absence: the partner is back today; one that has not begun is struck out.

        :raises AbsenceOver: if it is past.
        """
        absence = self.find(absences_visible_to(self.actor), absence_id)
        end_absence(absence=absence, by=self.actor, at=self.at)
        return Response(status=204)


class ExclusionsView(AvailabilityView):
    """``/partners/{id}/exclusions/``."""

    ordering = ("created_at", "id")

    @extend_schema(operation_id="list_exclusions", responses=ExclusionEntryOutput(many=True))
    def get(self, request: Request, partner_id: str) -> Response:
        """List what stands on a partner's exclusion list, the oldest first."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        entries = exclusions_visible_to(self.actor).filter(partner=partner)
        return self.answer_page(entries, EXCLUSION)

    @extend_schema(
        operation_id="add_exclusion",
        request=ExclusionEntryInput,
        responses={201: ExclusionEntryOutput},
    )
    def post(self, request: Request, partner_id: str) -> Response:
        """Keep leads of a source or customer from a partner; again, it changes nothing."""
        partner = self.find(partners_visible_to(self.actor), partner_id)
        entry = add_exclusion(
            partner=partner, by=self.actor, at=self.at, **self.read(EXCLUSION_INPUT)
        )
        return Response(EXCLUSION.to_representation(entry), status=201)


class ExclusionView(AvailabilityView):
    """``/exclusions/{id}/``."""

    @extend_schema(operation_id="remove_exclusion", responses={204: None})
    def delete(self, request: Request, exclusion_id: str) -> Response:
        """Strike an entry out."""
        entry = self.find(exclusions_visible_to(self.actor), exclusion_id)
        remove_exclusion(exclusion=entry, by=self.actor)
        return Response(status=204)
