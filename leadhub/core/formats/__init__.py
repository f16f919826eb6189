"""How dates, times and numbers are written, where that differs from what Django does."""
