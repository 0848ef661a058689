"""The process that loads the extractor, as the one sees it that started it."""

import logging
import subprocess
import sys
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from typing import Any

from hctap_core.errors import ExtractorUnavailable
from hctap_etl.recipe import Recipe


class Nursery:
    """The started process; what it says is heard in the order in which it says it."""

    def __init__(self, recipe: Recipe) -> None:
        ours, theirs = Pipe()
        self._control: Connection[object, object] = ours
        self._hiring = threading.Lock()
        level = logging.getLevelName(logging.getLogger().level)
        arguments = [str(theirs.fileno()), level, recipe.extractor, str(recipe.vocabulary), recipe.phi.value]
        if recipe.terms is not None:
            arguments.append(str(recipe.terms))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hctap_etl.nursery", *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def hear(self) -> object:
        """The next that it says.

        Raises:
            ExtractorUnavailable: If it has ended.
        """
        try:
            return self._control.recv()
        except (EOFError, OSError):
            raise _gone() from None

    def hire(self) -> tuple["Connection[Any, Any]", int]:
        """A worker forked from it: the connection with it, and its process id.

        Raises:
            ExtractorUnavailable: If the process has ended.
        """
        with self._hiring:
            ours, theirs = Pipe()
            try:
                send_handle(self._control, theirs.fileno(), self.process.pid)
            except OSError:
                raise _gone() from None
            finally:
                theirs.close()
            pid = self.hear()
        if not isinstance(pid, int):
            raise _gone()
        return ours, pid

    def close(self) -> None:
        """Let it end, and wait for that."""
        self._control.close()
        self.process.wait()


def _gone() -> ExtractorUnavailable:
    return ExtractorUnavailable(
        "The process that holds the extractor has ended.",
        remedy="See whether the machine ran out of memory, and give the same command again: it continues.",
    )
