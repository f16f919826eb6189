"""The product's addresses, and the bare endpoint."""

from django.urls import include, path

from benchmarks.bare import BareView

urlpatterns = [path("bare/", BareView.as_view()), path("", include("leadhub.urls"))]
