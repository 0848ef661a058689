"""Which jobs are tried again, and when: those that an error of a passing kind ended, and those that are given back."""

from datetime import UTC, datetime
from typing import Final

from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.jobs import Job

from hctap_core.errors import RunConflict, StoreUnavailable

_MOST_TRIES: Final = 8
# A store that is away for some minutes costs time, not the run: 2, 4, 8 … seconds between the tries.
_PASSING: Final = (StoreUnavailable, RunConflict)
# A job that is given back is due by every clock.
AT_ONCE: Final = datetime.fromtimestamp(0, UTC)


class GivenBack(Exception):
    """A worker that was told to stop cannot end the job in time: another one is to do it."""


class Retries(BaseRetryStrategy):
    """Tries again at once what was given back, however often that was, and what `otherwise` says."""

    def __init__(self, otherwise: BaseRetryStrategy | None = None) -> None:
        self._otherwise = otherwise

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When a job is tried again that an exception ended; None if it is not."""
        if isinstance(exception, GivenBack):
            return RetryDecision(retry_at=AT_ONCE)
        return self._otherwise.get_retry_decision(exception=exception, job=job) if self._otherwise else None


WHILE_PASSING: Final = Retries(
    RetryStrategy(max_attempts=_MOST_TRIES, exponential_wait=2, retry_exceptions=_PASSING),
)
IF_GIVEN_BACK: Final = Retries()


def is_hopeless(error: Exception, job: Job) -> bool:
    """Whether an error means that a job is not tried again."""
    return not isinstance(error, _PASSING) or job.attempts >= _MOST_TRIES
