"""Identifiers: UUID version 7 (RFC 9562), so that rows born together lie together on disk."""

import os
import time
from datetime import datetime
from uuid import UUID


def new_id() -> UUID:
    """Make a UUID whose first 48 bits are the milliseconds since 1970, the rest random."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def first_id_at(moment: datetime) -> UUID:
    """Tell below which id those lie that were made before an instant, by the clock they have."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
