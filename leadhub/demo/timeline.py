"""What happens next: actions in order of time, each done with the one clock set to its instant."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from leadhub.core import clock

Action = Callable[[datetime], None]


class Timeline:
    """The future, as far as it is known; it ends with the present."""

    def __init__(self, *, until: datetime) -> None:
        self.until = until
        self._ahead: list[tuple[datetime, int, Action]] = []
        self._order = count()

    def at(self, instant: datetime, action: Action) -> None:
        """Let something happen at an instant; what lies beyond the end never does."""
        if instant <= self.until:
            heapq.heappush(self._ahead, (instant, next(self._order), action))

    def run(self, progress: Callable[[datetime], None]) -> None:
        """Let everything happen, the earliest first, also what it brings about."""
        while self._ahead:
            instant, _, action = heapq.heappop(self._ahead)
            with clock.set_to(instant):
                action(clock.now())
            progress(instant)
