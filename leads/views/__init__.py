"""Pages about leads: on a partner's phone and at the manufacturer's desk."""
