"""Calls of a service that may be throttled or hiccup: asked again after waits that grow and scatter."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as Unreachable

from hctap_core.errors import ExtractorUnavailable

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

# Those that the models of both services declare and that may be gone the next time.
_PASSING: Final = frozenset(
    {
        "ThrottlingException",
        "TooManyRequestsException",
        "ServiceUnavailableException",
        "InternalServerException",
        "ModelTimeoutException",
        "ModelNotReadyException",
        "ModelErrorException",
    }
)
# What concerns this text alone; everything else would happen to the next text, too.
_OF_THE_TEXT: Final = frozenset(
    {"TextSizeLimitExceededException", "InvalidEncodingException", "InvalidRequestException"}
)


class TextRefused(Exception):
    """The service does not take this text."""


@dataclass(frozen=True, slots=True)
class Caller:
    """How often and after which waits a call is tried (full jitter: M. Brooker, AWS Architecture Blog, 2015)."""

    attempts: int = 6
    base_seconds: float = 0.5
    longest_seconds: float = 20.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def call(self, operation: Callable[..., Answer], **arguments: Any) -> Answer:  # noqa: ANN401 - the service's own
        """The answer of an operation.

        Raises:
            TextRefused: If the service does not take the text.
            ExtractorUnavailable: If it does not answer, or refuses the caller.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return operation(**arguments)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code in _OF_THE_TEXT:
                    raise TextRefused from None
                if code not in _PASSING or attempt == self.attempts:
                    raise _unavailable(code) from None
                failure = code
            except (Unreachable, HTTPClientError) as error:
                if attempt == self.attempts:
                    raise _unavailable(type(error).__name__) from None
                failure = type(error).__name__
            except BotoCoreError as error:
                raise _unavailable(type(error).__name__) from None
            log.warning("remote_call_failed", extra={"error": failure, "attempt": attempt})
            self.sleep(self.chance() * min(self.longest_seconds, self.base_seconds * 2 ** (attempt - 1)))
        raise AssertionError("the last attempt returns or raises")


def _unavailable(failure: str) -> ExtractorUnavailable:
    # The service's own message may repeat the request.
    return ExtractorUnavailable(
        f"The service does not answer: {failure}.",
        remedy="See to credentials, region, access to the model and quotas, and give the same command again.",
    )
