"""People: how they log in, what protects it, and how they come to be let in."""
