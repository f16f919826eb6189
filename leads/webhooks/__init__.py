"""Webhooks: a tenant's own programs are told what happens to its leads."""
