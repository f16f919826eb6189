"""The view that every call of the API shares: one transaction, in the caller's context."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from leadhub.core.actors import Actor
from leadhub.core.api import idempotency
from leadhub.core.api.fields import Input, Output
from leadhub.core.api.pagination import Pages
from leadhub.core.api.problems import TooManyRequests, answer_problem
from leadhub.core.api.retirement import Retirement
from leadhub.core.errors import NotVisible
from leadhub.core.rate_limits import Verdict, take
from leadhub.core.tenancy.context import partner_context, tenant_context
from leadhub.core.visitors import origin_of
from partners.keys import KeyHolder
from partners.roles import Capability

IDENTIFIER = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class NotAnObject(ValidationError):
    """The body is JSON, but no object."""

    def __init__(self) -> None:
        super().__init__("The body must be a JSON object.", "not_an_object")


def context_of(actor: Actor) -> AbstractContextManager[None]:
    """Choose the context whose rows a caller may see."""
    if actor.partner_id is not None:
        return partner_context([actor.partner_id], user_id=actor.user_id)
    return tenant_context(actor.manufacturer_id)


def count_request(**names: object) -> Verdict | None:
    """Take a request from its limits.

    :raises TooManyRequests: if one of them is exhausted.
    """
    verdict = take(**names)
    if verdict is not None and not verdict.passes:
        raise TooManyRequests(verdict)
    return verdict


class ApiView(APIView):
    """One call: authenticate, check the scope, then work in one transaction.

    An answer of 400 or more rolls everything back: nothing is half stored.

    :cvar needs: method -> what the caller must be allowed to do; without one it is open to nobody.
    :cvar is_atomic: ``False`` for a call that commits each of its steps by itself.
    :cvar methods_of_one_step: those whose one domain function is the whole transaction.
    :cvar body_max_bytes: how long a body the call takes.
    :cvar ordering: of a list, all columns in one direction, the last one unique.
    :cvar secrets: fields of an answer that are shown once, also to who repeats the request.
    :cvar retired: method -> until when it works, said in the document and by every answer.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    pagination_class = Pages

    needs: ClassVar[dict[str, Capability]] = {}
    is_atomic: ClassVar[bool] = True
    methods_of_one_step: ClassVar[frozenset[str]] = frozenset()
    body_max_bytes: ClassVar[int] = settings.API_BODY_MAX_BYTES
    ordering: ClassVar[Sequence[str]] = ("-id",)
    secrets: ClassVar[Sequence[str]] = ()
    retired: ClassVar[Mapping[str, Retirement]] = {}

    @property
    def holder(self) -> KeyHolder:
        """The key that calls."""
        holder: KeyHolder = self.request.user  # type: ignore[assignment]
        return holder

    @property
    def actor(self) -> Actor:
        """Whom the key acts as."""
        return self.holder.actor

    @property
    def at(self) -> datetime:
        """The instant of the request, by the one clock."""
        instant: datetime = self.request.auth  # type: ignore[assignment]
        return instant

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request inside the caller's context, which ``initial`` enters."""
        self._has_context = False
        self._repeat: idempotency.Repeatable | None = None
        self._verdict: Verdict | None = None
        try:
            with ExitStack() as self._contexts:
                response = super().dispatch(request, *args, **kwargs)
                if self._has_context and response.status_code >= 400:  # noqa: PLR2004 - refused
                    transaction.set_rollback(True)
        except (OperationalError, InterfaceError) as error:
            # The database went away as the transaction was to end.
            return answer_problem(error, {"view": self})
        return response

    def perform_authentication(self, request: Request) -> None:
        """Find the key's holder, and count the request: by key, or by address if there is none.

        :raises TooManyRequests: if there were too many.
        """
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            count_request(address=origin_of(request))
            raise
        self._verdict = count_request(key=self.holder.key_id, tenant=self.actor.manufacturer_id)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, check the scope, look for a stored answer, enter the caller's context."""
        super().initial(request, *args, **kwargs)
        repeat = idempotency.recognise(
            request._request,  # noqa: SLF001 - the body as it was sent
            manufacturer_id=self.actor.manufacturer_id,
            api_key_id=self.holder.key_id,
            at=self.at,
            at_most=self.body_max_bytes,
        )
        if repeat is not None:
            self._contexts.enter_context(idempotency.one_at_a_time(repeat))
            idempotency.replay(repeat)
            self._repeat = repeat
        if self.is_atomic and request.method not in self.methods_of_one_step:
            self._contexts.enter_context(context_of(self.actor))
            self._has_context = True

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep the answer if the request may be repeated; say how much is left, and how long."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if self._repeat is not None and isinstance(response, Response):
            idempotency.keep(self._repeat, response.render(), secrets=self.secrets)
        if self._verdict is not None:
            for name, value in self._verdict.headers.items():
                response.headers[name] = value
        if (retirement := self.retired.get(request.method or "")) is not None:
            for name, value in retirement.headers.items():
                response.headers[name] = value
        return response

    def find(self, rows: QuerySet[Any], identifier: str) -> Any:
        """Find one of the rows that the caller may see.

        :raises NotVisible: if there is none, or it is somebody else's: the answer is the same.
        """
        found = rows.filter(id=self.as_id(identifier)).first()
        if found is None:
            raise NotVisible
        return found

    def as_id(self, text: str) -> UUID:
        """Read an id from a path.

        :raises NotVisible: if it is none, for then nothing has it.
        """
        if not IDENTIFIER.fullmatch(text):
            raise NotVisible
        return UUID(text)

    def read(self, body: Input) -> dict[str, Any]:
        """Check the body; none at all is an empty one.

        :raises NotAnObject: if it is something else than an object.
        :raises ValidationError: naming every field that is wrong.
        """
        sent = self.request.data
        if not isinstance(sent, dict):
            raise NotAnObject
        checked: dict[str, Any] = body.run_validation(sent)
        return checked

    def read_query(self, query: Input) -> dict[str, Any]:
        """Check the query; of a parameter named twice the last counts.

        :raises ValidationError: naming every parameter that is wrong.
        """
        checked: dict[str, Any] = query.run_validation(self.request.query_params.dict())
        return checked

    def answer_page(
        self,
        rows: QuerySet[Any],
        shape: Output,
        *,
        complete: Callable[[Sequence[Any]], None] | None = None,
    ) -> Response:
        """Answer one page of the rows.

        :param complete: adds to the rows of a page what no join brings along.
        """
        pages = self.pagination_class()
        page = pages.paginate_queryset(rows, self.request, self)
        if complete is not None:
            complete(page)
        return pages.get_paginated_response([shape.to_representation(row) for row in page])
