"""Figures: the SQL against a plain fold of the log, the worked examples, and history."""
