"""Addresses of figures."""
