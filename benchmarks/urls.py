"""The product's addresses, and the bare endpoint."""

from django.urls import include, path

from benchmarks.bare import BareView
from benchmarks.streams import stream

urlpatterns = [
    path("bare/", BareView.as_view()),
    path("stream/", stream),
    path("", include("leadhub.urls")),
]
