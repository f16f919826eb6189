"""The product's real processes, killed, hung and cut off: what docs/promises.md says holds then."""
