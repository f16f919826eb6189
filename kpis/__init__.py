"""How well it goes: figures, computed from lead events."""
