"""Addresses of a manufacturer's pages about leads, below ``/leads/``."""

from django.urls import path

from leads.views import board

urlpatterns = [path("", board.show_board, name="desk-leads")]
