"""Addresses of partners and set-up."""
