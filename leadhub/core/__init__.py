"""The shared kernel: what every app stands on, and what knows none of them."""
