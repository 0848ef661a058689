"""What a comparison of lake and database says on the screen."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from rich.console import Console

from hctap_etl.reapplying import Reapplied
from hctap_etl.restoring import Comparison, Missing

_MOST_NAMED: Final = 20


def show_check(out: Console, found: Comparison) -> None:
    """Say what is missing, and what to do."""
    if not found.missing:
        _say(out, f"All {found.known:,} objects that the database knows of are in the lake.")
        return
    _say(out, f"Missing: {_counted(found.missing)}; of {found.known:,} objects that the database knows of.")
    if len(found.gone) < len(found.missing):
        _say(out, "`hctap-etl lake restore` writes back what the database remembers.")
    _name_gone(out, found)


def show_restored(out: Console, found: Comparison) -> None:
    """Say what was written back, and what is gone."""
    written = [item for item in found.missing if item.why is None]
    if written:
        _say(out, f"Written back: {_counted(written)}.")
    elif not found.missing:
        _say(out, f"Nothing is missing of {found.known:,} objects.")
    _name_gone(out, found)


def show_reapplied(out: Console, made: Reapplied) -> None:
    """Say how many deletions were done again, and which notes wait for a run."""
    _say(out, f"{made.known:,} notes are known as deleted; the database had forgotten {made.forgotten:,} of them.")
    if made.busy:
        _say(out, f"Left, since a run is working on them: {', '.join(made.busy[:_MOST_NAMED])}.")
        _say(out, "End that run (`hctap-etl runs cancel` or `run --resume`) and give the command again.")


def _name_gone(out: Console, found: Comparison) -> None:
    if not found.gone:
        return
    _say(out, f"Gone: {_counted(found.gone)}.")
    for item in found.gone[:_MOST_NAMED]:
        _say(out, f"  {item.bucket}/{item.key}: {item.why}")
    if more := len(found.gone) - _MOST_NAMED:
        _say(out, f"  and {more:,} more" if more > 0 else "")


def _counted(items: Iterable[Missing]) -> str:
    counts = Counter(item.kind for item in items)
    return ", ".join(f"{count:,} × {kind}" for kind, count in counts.items())


def _say(out: Console, line: str) -> None:
    if line:
        out.print(line, highlight=False, markup=False, soft_wrap=True)
