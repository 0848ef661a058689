"""How far a long work has come: a bar on a terminal, a line in the log every few seconds elsewhere."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

log = logging.getLogger(__name__)

Advance = Callable[[int], None]
SECONDS_BETWEEN_LINES: Final = 5.0


class Meter:
    """Shows the progress of one work after the other on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def track(self, work: str, total: int, *, is_bytes: bool = False) -> Iterator[Advance]:
        """Show a work of `total` units while the block runs; the block calls what it is given with each advance."""
        if self._console.is_terminal:
            with self._bar(work, total, is_bytes=is_bytes) as advance:
                yield advance
        else:
            yield self._lines(work, total)

    def stage(self, name: str, done: int, total: int) -> None:
        """Say which stage of a preparation begins, for works that report in stages."""
        if done >= total:
            return
        if done == 0 and self._console.is_terminal:
            self._console.print("Compiling the vocabulary, once for this version:")
        if self._console.is_terminal:
            self._console.print(f"  {done + 1}/{total} {name}", highlight=False, markup=False)
        else:
            log.info("preparation_stage", extra={"part": name, "done": done, "total": total})

    @contextmanager
    def _bar(self, work: str, total: int, *, is_bytes: bool) -> Iterator[Advance]:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            DownloadColumn() if is_bytes else MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(work, total=total)
            yield lambda units: bar.advance(task, units)

    def _lines(self, work: str, total: int) -> Advance:
        done, last = 0, time.monotonic()

        def advance(units: int) -> None:
            nonlocal done, last
            done += units
            if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
                last = time.monotonic()
                log.info("progress", extra={"part": work, "done": done, "total": total})

        return advance
