"""Every fault that `bin/mutants` plants, by the kind of guard that is missing then."""

from leadhub.embedded.mutants import Kinds
from tests.mutants import holding, reading

PLANTED: Kinds = {**reading.KINDS, **holding.KINDS}
