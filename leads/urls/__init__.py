"""Addresses of leads, offers, assignments and policies."""
