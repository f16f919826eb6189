"""Every address of leadhub."""

from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from leadhub.core import health
from leadhub.core.api.schema import integration_guide, openapi_document
from leadhub.core.pages import installed
from leads.views.health import timers
from leads.views.metrics import metrics

handler400 = "partners.views.errors.bad_request"
handler404 = "partners.views.errors.not_found"
handler429 = "partners.views.errors.too_many"
handler500 = "partners.views.errors.broken"

urlpatterns = [
    # Programs call more often than people do, and addresses are compared in this order.
    path("api/v1/", include("leads.urls.api")),
    path("api/v1/", include("partners.urls.api")),
    path("api/v1/", include("kpis.urls.api")),
    path("", include("partners.urls.pages")),
    path("", include("leads.urls.pages")),
    path("", include("kpis.urls.pages")),
    path("app/<str:language>.webmanifest", installed.manifest, name="app-manifest"),
    path("offline/<str:language>/", installed.offline, name="app-offline"),
    path("service-worker.js", installed.service_worker, name="app-worker"),
    path("api/schema/", openapi_document, name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/docs/integrate.md", integration_guide, name="api-guide"),
    path("healthz/live", health.live, name="health-live"),
    path("healthz/ready", health.ready, name="health-ready"),
    path("healthz/timers", timers, name="health-timers"),
    path("metrics", metrics, name="health-metrics"),
]
