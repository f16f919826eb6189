"""Tests of leadhub; they mirror the source and run as the runtime role."""
