"""The life of a lead, driven at random."""
