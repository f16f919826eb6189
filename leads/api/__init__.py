"""The REST interface of leads, offers, assignments and policies."""
