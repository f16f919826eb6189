"""Logging in by a manufacturer's own provider (OpenID Connect): allauth asks, we decide."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from requests import RequestException, Session

from leadhub.core import clock
from leadhub.core.pages.limits import too_many_from
from leadhub.core.sealed import CannotUnseal
from leadhub.core.tenancy.context import system_context
from partners.identity.provider_requests import provider_session
from partners.models import SingleSignOn
from partners.proofs import PROVIDER_IS_BELIEVED_FOR
from partners.sessions import PROVIDER_KEY
from partners.single_sign_on import (
    NotLetIn,
    callback_path,
    find_connection,
    let_in,
    secret_of,
)

logger = logging.getLogger(__name__)

PROVIDER = "openid_connect"
# What a provider's description has to name.
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Providers are the manufacturers', each under its slug."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Find the provider of a manufacturer."""
        connection = find_connection(provider or "")
        if connection is None:
            return []
        app = SocialApp(
            provider=PROVIDER,
            provider_id=connection.manufacturer.slug,
            name=connection.manufacturer.name,
            client_id=connection.client_id,
            secret=secret_of(connection),
            settings={"server_url": connection.issuer, "oauth_pkce_enabled": True},
        )
        return [app]

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> OpenIDConnectProvider:
        """Read what a provider says in our way."""
        return _CompanyProvider(request, app=self.get_app(request, provider=provider))

    def get_requests_session(self) -> Session:
        """Ask the provider, and nobody inside."""
        return provider_session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody makes an account for themselves."""
        return False

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, exception: Exception | None = None, **named: Any
    ) -> None:
        """Lead back to the log-in, saying that it did not work."""
        slug = provider.app.provider_id
        raise ImmediateHttpResponse(_failed(request, slug, exception or named.get("error")))


class _Provider(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Reads what a provider says, and logs in whom it may let in."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Read the provider's own description, which has to be of who was entered."""
        with _making_sense():
            found: dict[str, Any] = super().openid_config
            entered = self.get_provider().app.settings["server_url"]
            if found["issuer"].rstrip("/") != entered:
                reason = "the description is another issuer's"
                raise OAuth2Error(reason)
            if not all(isinstance(found[name], str) for name in _ADDRESSES):
                raise TypeError
            list(found.get("token_endpoint_auth_methods_supported", ()))
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Name the installation's own address, whatever host was asked."""
        return f"{settings.LEADHUB_BASE_URL}{callback_path(app.provider_id)}"

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        # Allauth would trust the connection alone; the signature costs one more question.
        self.did_fetch_access_token = False
        claims: dict[str, Any] = super()._decode_id_token(app, id_token)
        # OpenID Connect Core 1.0, section 3.1.3.7, as far as it is not checked above.
        if claims.get("azp", app.client_id) != app.client_id or "exp" not in claims:
            reason = "the ID token is another program's, or for ever"
            raise OAuth2Error(reason)
        return claims

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **named: Any
    ) -> Any:
        """Log in whom the provider names, instead of what allauth would do."""
        id_token = named["response"].get("id_token")
        if not id_token:
            reason = "no ID token"
            raise OAuth2Error(reason)
        with _making_sense():
            claims = self._decode_id_token(app, id_token)
            told = self._fetch_user_info(token.token)
            if told["sub"] != claims["sub"]:
                reason = "two people are named"
                raise OAuth2Error(reason)
        raise ImmediateHttpResponse(_let_in(request, self.provider_id, {**claims, **told}))


class _CompanyProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = _Provider


@contextmanager
def _making_sense() -> Iterator[None]:
    """Read what a provider answers, which may be anything.

    :raises OAuth2Error: if it is JSON of another shape, or a key of another kind.
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError) as error:
        raise OAuth2Error(type(error).__name__) from error


def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider of a manufacturer."""
    return _run(OAuth2LoginView, request, provider_id)


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take somebody back from the provider, logged in or not."""
    return _run(OAuth2CallbackView, request, provider_id)


def _run(view: Any, request: HttpRequest, slug: str) -> HttpResponse:
    # Each asks the provider, whoever it is that comes.
    if (refusal := too_many_from(request)) is not None:
        return refusal
    request.user = AnonymousUser()
    if find_connection(slug) is None:
        raise Http404
    try:
        response: HttpResponse = view.adapter_view(_Provider(request, slug))(request)
    except CannotUnseal:
        logger.exception("the client secret of %s cannot be read", slug)
        response = _say_it_failed(request)
    except (OAuth2Error, RequestException, ValueError, KeyError) as failure:
        response = _failed(request, slug, failure)
    except ImmediateHttpResponse as answer:
        response = answer.response
    add_never_cache_headers(response)
    return response


def _let_in(request: HttpRequest, slug: str, claims: Mapping[str, Any]) -> HttpResponse:
    connection = find_connection(slug)
    if connection is None:
        return _failed(request, slug, "removed meanwhile")
    try:
        user = let_in(
            connection=connection,
            email=str(claims.get("email") or ""),
            is_verified=claims.get("email_verified") is True,
            name=str(claims.get("name") or "")[:120],
            at=clock.now(),
        )
    except NotLetIn as refusal:
        messages.error(request, refusal.in_words())
        return redirect("person-log-in")
    return _log_in(request, user, connection)


def _log_in(request: HttpRequest, user: Any, connection: SingleSignOn) -> HttpResponse:
    adapter = get_account_adapter()
    with system_context("identity.single_sign_on"):
        # What was proved in this browser before has nothing to do with what the provider says.
        request.session.flush()
        request.session[PROVIDER_KEY] = str(connection.manufacturer_id)
        adapter.login(request, user)
        # An instant, not a length: whoever is busy would else never be asked again.
        request.session.set_expiry(clock.now() + PROVIDER_IS_BELIEVED_FOR)
        record_authentication(request, user, "socialaccount", provider=connection.issuer)
        response: HttpResponse = adapter.post_login(
            request,
            user,
            email_verification="none",
            signal_kwargs=None,
            email=user.email,
            signup=False,
            redirect_url=reverse("home"),
        )
    return response


def _failed(request: HttpRequest, slug: str, why: object) -> HttpResponse:
    """Tell the operator why, by kinds of errors alone: providers name people in what they say."""
    if isinstance(why, Exception):
        chain = (why, why.__cause__)
        why = " of ".join(type(error).__name__ for error in chain if error is not None)
    logger.warning("a log-in by the provider of %s failed: %s", slug, why)
    return _say_it_failed(request)


def _say_it_failed(request: HttpRequest) -> HttpResponse:
    messages.error(
        request, gettext("The log-in with your company did not work. Try again, or another way.")
    )
    return redirect("person-log-in")
