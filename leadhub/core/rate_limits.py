"""Rate limits: how often somebody may ask, counted in Redis or Valkey for all processes together.

A limit lets so many requests pass at once and then so many a second (the generic cell rate
algorithm: one number for each name, the moment at which all that was taken is paid off). The limits
of a request are taken together in one round trip, all of them or none.

Nobody waits for the counter. It has a tenth of a second to answer; when it does not, everything
passes, one line is logged, and a thread looks for it until it is back.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

ANSWERS_WITHIN = 0.1  # seconds
LOOKED_FOR_EVERY = 1.0  # seconds

# Keys are names, arguments are pairs of rate and burst. Answers 0 and what is left of the first, or
# the number of the limit that is exhausted and after how many milliseconds it is not.
_TAKE = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local paid_off = {}
local left = 0
for number, name in ipairs(KEYS) do
  local cost = 1 / tonumber(ARGV[number * 2 - 1])
  local depth = tonumber(ARGV[number * 2]) * cost
  local at = tonumber(redis.call('GET', name) or now)
  if at < now then at = now end
  at = at + cost
  if at - now > depth + 0.000001 then
    return {number, math.ceil((at - now - depth) * 1000)}
  end
  if number == 1 then left = math.floor((depth - (at - now)) / cost + 0.000001) end
  paid_off[number] = at
end
for number, name in ipairs(KEYS) do
  local at = paid_off[number]
  redis.call('SET', name, string.format('%.6f', at), 'PX', math.ceil((at - now) * 1000) + 1)
end
return {0, left}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may pass.

    :ivar rate: requests a second, sustained.
    :ivar burst: requests at once.
    """

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request passes.

    :ivar kind: the limit that it is about: the first that was taken, or the one exhausted.
    :ivar left: how many more would pass now.
    :ivar wait: after how many seconds the next one passes, 0 if this one did.
    """

    kind: str
    limit: Limit
    left: int
    wait: float

    @property
    def passes(self) -> bool:
        """Tell whether the request may go on."""
        return self.wait == 0

    @property
    def retry_after(self) -> int:
        """Whole seconds until it is worth trying again."""
        return max(1, ceil(self.wait))

    @property
    def headers(self) -> dict[str, str]:
        """Tell a program how much is left (IETF draft "RateLimit header fields for HTTP")."""
        quota, window = self.limit.burst, max(1, ceil(self.limit.burst / self.limit.rate))
        found = {
            "RateLimit-Policy": f'"{self.kind}";q={quota};w={window}',
            "RateLimit": f'"{self.kind}";r={self.left};t={self.retry_after}',
        }
        return found if self.passes else {**found, "Retry-After": str(self.retry_after)}


def take(**names: object) -> Verdict | None:
    """Take one request from the limits of these kinds: ``take(key=key_id, tenant=tenant_id)``.

    :returns: ``None`` if nothing is limited, or the counter cannot be asked: the request passes.
    """
    limits: Mapping[str, Limit] = settings.RATE_LIMITS
    kinds = [kind for kind in names if kind in limits]
    if not kinds or not settings.RATE_LIMIT_URL:
        return None
    counter = _counter(settings.RATE_LIMIT_URL, os.getpid())
    amounts = [number for kind in kinds for number in (limits[kind].rate, limits[kind].burst)]
    answer = counter.take([f"leadhub:limit:{kind}:{names[kind]}" for kind in kinds], amounts)
    if answer is None:
        return None
    exhausted, amount = answer
    if exhausted:
        kind = kinds[exhausted - 1]
        return Verdict(kind, limits[kind], left=0, wait=amount / 1_000)
    return Verdict(kinds[0], limits[kinds[0]], left=amount, wait=0)


class _Counter:
    """The counter as one process sees it."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=ANSWERS_WITHIN,
            socket_connect_timeout=ANSWERS_WITHIN,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        self._script = self._client.register_script(_TAKE)
        self._lock = threading.Lock()
        self._is_away = False

    def take(self, names: list[str], amounts: list[float]) -> tuple[int, int] | None:
        if self._is_away:
            return None
        try:
            answer: Any = self._script(keys=names, args=amounts)
        except (redis.RedisError, OSError) as error:
            self._look_for_it(error)
            return None
        return int(answer[0]), int(answer[1])

    def _look_for_it(self, error: Exception) -> None:
        with self._lock:
            if self._is_away:
                return
            self._is_away = True
        logger.warning("rate limits: nothing is limited until Redis answers (%s)", error)
        threading.Thread(target=self._wait_for_it, name="rate-limits", daemon=True).start()

    def _wait_for_it(self) -> None:
        while self._is_away:
            time.sleep(LOOKED_FOR_EVERY)
            try:
                self._client.ping()
            except (redis.RedisError, OSError):
                continue
            self._is_away = False
        logger.warning("rate limits: Redis answers again")


@cache
def _counter(url: str, process: int) -> _Counter:
    """Find the counter of this process: neither connections nor threads outlive a fork."""
    return _Counter(url)
