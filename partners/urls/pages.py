"""Addresses of pages about people and networks."""

from django.urls import include, path

from partners.views import accounts, gallery

urlpatterns = [
    path("", include("partners.urls.desk_pages")),
    path("", include("partners.urls.identity")),
    path("", accounts.home, name="home"),
    path("log-out/", accounts.log_out, name="person-log-out"),
    path("account/", accounts.show_account, name="person-account"),
    path("account/manufacturer/", accounts.choose_manufacturer, name="person-choose-manufacturer"),
    path("gallery/", gallery.show_gallery, name="person-gallery"),
]
