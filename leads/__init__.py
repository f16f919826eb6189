"""What happens: leads, offers, assignments, and the log of all of it."""
