"""A policy over past leads: who would have been asked, how far away, how fairly, how soon."""
