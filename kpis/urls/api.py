"""Addresses of figures and history, below ``/api/v1/``."""

from django.urls import path

from kpis.api.views import CatalogueView, FiguresView, HistoryView

urlpatterns = [
    path("kpis/", FiguresView.as_view(), name="api-kpis-read"),
    path("kpis/catalogue/", CatalogueView.as_view(), name="api-kpis-catalogue"),
    path("history/", HistoryView.as_view(), name="api-history-import"),
]
