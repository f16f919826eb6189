"""The shared cache: Redis, and this process's own memory while Redis does not answer.

Only what may be lost stands here: how often somebody tried a password, and which codes were used.
Without Redis each process counts for itself, so that people can still log in.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

AWAY_FOR = 5.0  # seconds until a Redis that did not answer is asked again


class PatientCache(RedisCache):
    """Redis with short time-outs, which nobody has to wait for twice."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache("while-redis-is-away", {**params, "OPTIONS": {}})
        self._away_until = 0.0

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep a value unless there is one; tell whether it was kept."""
        return bool(
            self._ask(
                lambda: super(PatientCache, self).add(key, value, timeout, version),
                lambda: self._own.add(key, value, timeout, version),
            )
        )

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Read a value."""
        return self._ask(
            lambda: super(PatientCache, self).get(key, default, version),
            lambda: self._own.get(key, default, version),
        )

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value."""
        self._ask(
            lambda: super(PatientCache, self).set(key, value, timeout, version),
            lambda: self._own.set(key, value, timeout, version),
        )

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value; tell whether there was one."""
        return bool(
            self._ask(
                lambda: super(PatientCache, self).delete(key, version),
                lambda: self._own.delete(key, version),
            )
        )

    def clear(self) -> None:
        """Forget everything."""
        self._own.clear()
        self._ask(super().clear, lambda: None)

    def _ask(self, redis: Callable[[], Any], instead: Callable[[], Any]) -> Any:
        now = time.monotonic()
        if now >= self._away_until:
            try:
                return redis()
            except (RedisError, OSError) as error:
                self._away_until = now + AWAY_FOR
                logger.warning("Redis does not answer (%s); counting here", type(error).__name__)
        return instead()
