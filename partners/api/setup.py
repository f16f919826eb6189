"""Calls about the words a manufacturer has for its products and qualifications."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leadhub.core.api.fields import CODE
from leadhub.core.errors import InvalidInput
from partners.api.serializers import (
    LEVEL,
    PRODUCT_LINE,
    LevelInput,
    LevelOutput,
    ProductLineInput,
    ProductLineOutput,
)
from partners.api.views import ApiView
from partners.catalogue import save_level, save_product_line
from partners.roles import Capability
from partners.selectors import levels_visible_to, product_lines_visible_to

LINE_INPUT, LEVEL_INPUT = ProductLineInput(), LevelInput()


class SetupView(ApiView):
    """What these calls share."""

    needs: ClassVar[dict[str, Capability]] = {
        "GET": Capability.SEE_NETWORK,
        "PUT": Capability.CHANGE_NETWORK,
    }
    ordering = ("code",)


class ProductLinesView(SetupView):
    """``/product-lines/``."""

    @extend_schema(operation_id="list_product_lines", responses=ProductLineOutput(many=True))
    def get(self, request: Request) -> Response:
        """List product lines by code."""
        return self.answer_page(product_lines_visible_to(self.actor), PRODUCT_LINE)


class ProductLineView(SetupView):
    """``/product-lines/{code}/``."""

    @extend_schema(
        operation_id="put_product_line",
        request=ProductLineInput,
        responses={200: ProductLineOutput, 201: ProductLineOutput},
    )
    def put(self, request: Request, code: str) -> Response:
        """Create a product line or rename it."""
        check_code(code)
        line, is_new = save_product_line(code=code, by=self.actor, **self.read(LINE_INPUT))
        return Response(PRODUCT_LINE.to_representation(line), status=201 if is_new else 200)


class LevelsView(SetupView):
    """``/certification-levels/``."""

    @extend_schema(operation_id="list_certification_levels", responses=LevelOutput(many=True))
    def get(self, request: Request) -> Response:
        """List certification levels by code."""
        return self.answer_page(levels_visible_to(self.actor), LEVEL)


class LevelView(SetupView):
    """``/certification-levels/{code}/``."""

    @extend_schema(
        operation_id="put_certification_level",
        request=LevelInput,
        responses={200: LevelOutput, 201: LevelOutput},
    )
    def put(self, request: Request, code: str) -> Response:
        """Create a level or change it; a new rank holds at once for all that have the level."""
        check_code(code)
        level, is_new = save_level(code=code, by=self.actor, **self.read(LEVEL_INPUT))
        return Response(LEVEL.to_representation(level), status=201 if is_new else 200)


def check_code(code: str) -> None:
    """Check a code that stands in a path.

    :raises InvalidInput: if it is no code.
    """
    if not CODE.match(code):
        raise InvalidInput(
            field="code",
            message="Use 1 to 60 letters, digits, dots, dashes and underscores.",
            code="malformed",
        )
