"""Who works on the shards of a run; here, this process alone."""

from collections.abc import Generator, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from hctap_core.runs import Pipeline
from hctap_etl.pipeline import pipeline_of
from hctap_etl.shards import Findings, Task, work_on
from hctap_nlp.extractors import Extractor

if TYPE_CHECKING:
    from hctap_remote.metering import Account


class Crew(Protocol):
    """Works on tasks with one pipeline."""

    @property
    def pipeline(self) -> Pipeline:
        """What the results depend on."""
        ...

    def work(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Findings]]:
        """The findings of tasks, as they come; tasks are taken no faster than they can be worked on."""
        ...


class Alone:
    """Works in this process, one task after the other: a note that kills it kills the run."""

    def __init__(self, extractor: Extractor, account: "Account | None" = None) -> None:
        self._extractor = extractor
        self.account = account

    @cached_property
    def pipeline(self) -> Pipeline:
        """What the results depend on."""
        return pipeline_of(self._extractor)

    def work(self, tasks: Iterable[Task]) -> Generator[tuple[Task, Findings]]:
        """The findings of tasks, in their order."""
        for task in tasks:
            yield task, work_on(self._extractor, task)
