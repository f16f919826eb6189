"""Addresses of a manufacturer's pages about its network."""

from django.urls import path

from partners.views import directory

urlpatterns = [
    path("partners/", directory.show_directory, name="desk-partners"),
    path("set-up/", directory.show_directory, name="desk-set-up"),
]
