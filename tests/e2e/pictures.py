"""`python -m tests.e2e.pictures ADDRESS`: the pictures of docs/images, taken from a dashboard over the samples.

The latest run must be one of `make etl`, and one of the extractor `model` is what it is compared with.
"""

import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from hctap_client import Client
from hctap_core.errors import ReviewConflict
from hctap_core.reviews import ReviewOrder, Verdict

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
SIZE: Final[ViewportSize] = {"width": 1440, "height": 900}
_NOTE: Final = "cardiology-consult-05"
_SEEN_MS: Final = 60_000
# What fades in has come to its colours.
_SETTLED_MS: Final = 1_500


@dataclass(frozen=True)
class Picture:
    """A page with the words that say that it is all there; its path may name the runs and the review."""

    path: str
    sign: str
    scheme: Literal["light", "dark"] = "light"
    before: Callable[[Page], None] = lambda _: None


def _read_the_text(page: Page) -> None:
    page.get_by_role("button", name="Read the text").click()


PICTURES: Final = {
    "overview": Picture("", "By their notes."),
    "note": Picture(f"notes?note={_NOTE}", "In the family"),
    "note-dark": Picture(f"notes?note={_NOTE}", "In the family", "dark"),
    "explore": Picture("explore?part=together", "propranolol"),
    "quality": Picture("quality", "How sure the scores are"),
    "try": Picture("try", "The same by command", before=_read_the_text),
    "compare": Picture("compare?first={first}&second={second}", "cardiology-consult-02"),
    "review": Picture("review?review={review}&task={task}", "Select words in the note."),
}


def main(arguments: list[str]) -> None:
    """Take all pictures, or say which run is wanting."""
    api, dashboard = arguments
    with Client(api) as client:
        second = client.latest_run()
        models = [run.run_id for run in client.runs().runs if run.pipeline.extractor == "model"]
        if not second.evaluation or not models:
            sys.exit("Run `hctap-etl run --extractor model`, then `make etl`.")
        state = {"first": models[0], "second": second.run_id, **_begin_review(client, second.run_id)}
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, picture in PICTURES.items():
            page = browser.new_context(viewport=SIZE, color_scheme=picture.scheme).new_page()
            page.goto(f"{dashboard}/{picture.path.format(**state)}")
            picture.before(page)
            expect(page.get_by_text(picture.sign).first).to_be_visible(timeout=_SEEN_MS)
            page.mouse.move(0, 0)
            page.wait_for_timeout(_SETTLED_MS)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.context.close()
        browser.close()


def _begin_review(client: Client, run_id: str) -> dict[str, str]:
    """Where a review of the note is, of which the first two items are accepted."""
    name = f"pictures-{run_id.lower()}"
    with suppress(ReviewConflict):
        client.create_review(ReviewOrder(name=name, run_id=run_id, note_ids=(_NOTE,)))
    (task,) = client.review_tasks(name).tasks
    for item in ("e0", "e1"):
        with suppress(ReviewConflict):
            client.decide(name, task.task_no, item, Verdict.ACCEPT)
    return {"review": name, "task": str(task.task_no)}


if __name__ == "__main__":
    main(sys.argv[1:])
