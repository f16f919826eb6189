"""What a key may do: its scopes, checked before anything is looked up."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from partners.keys import MANUFACTURER_SCOPES, PARTNER_SCOPES, KeyHolder

if TYPE_CHECKING:
    from partners.api.views import ApiView

SCOPES_OF = {"manufacturer": MANUFACTURER_SCOPES, "partner": PARTNER_SCOPES}


class MissingScope(PermissionDenied):
    """The key may not do this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This key lacks the scope {scope}.", "missing_scope")


class WrongKindOfKey(PermissionDenied):
    """No key of this kind may do this."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"This call is not for keys of a {kind}.", "wrong_kind_of_key")


class HasScope(BasePermission):
    """The key needs the scope that the view names for the method, and must be of the right kind."""

    def has_permission(self, request: Request, view: "ApiView") -> bool:  # type: ignore[override]
        """Check the scope; a method without one is open to nobody.

        :raises MissingScope: naming the scope.
        :raises WrongKindOfKey: if no key of this kind may do it.
        """
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method.lower() not in view.http_method_names or not hasattr(view, method.lower()):
            return True  # no such method: answered with 405
        holder: KeyHolder = request.user  # type: ignore[assignment]
        scope, kind = view.scopes[method], holder.kind
        if scope not in holder.scopes:
            raise MissingScope(scope)
        if kind != (view.audience or kind) or scope not in SCOPES_OF[kind]:
            raise WrongKindOfKey(kind)
        return True
