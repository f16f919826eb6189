"""Every address of leadhub."""

from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from leadhub.core import health
from leadhub.core.api.schema import openapi_document

handler400 = "leadhub.core.api.problems.bad_request"
handler404 = "leadhub.core.api.problems.not_found"
handler500 = "leadhub.core.api.problems.broken"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api-docs"), name="home"),
    path("api/v1/", include("leads.urls.api")),
    path("api/v1/", include("partners.urls.api")),
    path("api/v1/", include("kpis.urls")),
    path("api/schema/", openapi_document, name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("healthz/live", health.live, name="health-live"),
    path("healthz/ready", health.ready, name="health-ready"),
]
