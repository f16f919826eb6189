"""What a key may do: its scopes, checked before anything is looked up."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from partners.roles import scope_for

if TYPE_CHECKING:
    from partners.api.views import ApiView
    from partners.keys import KeyHolder


class MissingScope(PermissionDenied):
    """The key may not do this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This key lacks the scope {scope}.", "missing_scope")


class WrongKindOfKey(PermissionDenied):
    """No key of this kind may do this."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"This call is not for keys of a {kind}.", "wrong_kind_of_key")


class HasScope(BasePermission):
    """The key needs the scope that lets its kind do what the view is for."""

    def has_permission(self, request: Request, view: "ApiView") -> bool:  # type: ignore[override]
        """Check the scope; a method without one is open to nobody.

        :raises WrongKindOfKey: if no key of this kind may do it.
        :raises MissingScope: naming the scope.
        """
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method.lower() not in view.http_method_names or not hasattr(view, method.lower()):
            return True  # no such method: answered with 405
        holder: KeyHolder = request.user  # type: ignore[assignment]
        scope = scope_for(holder.kind, view.needs[method])
        if scope is None:
            raise WrongKindOfKey(holder.kind)
        if scope not in holder.scopes:
            raise MissingScope(scope)
        return True
