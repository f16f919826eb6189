"""Pages of people's accounts and of partner networks."""
