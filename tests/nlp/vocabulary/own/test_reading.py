"""What a user's files may hold, and what is said of a row that is wrong."""

from pathlib import Path

import pytest

from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary import curated
from hctap_nlp.vocabulary.own.reading import _read_file, read_own
from hctap_nlp.vocabulary.own.rows import CueRow, TermRow

EXAMPLES = Path(__file__).parents[4] / "docs" / "examples" / "terms"


def written(folder: Path, content: str | bytes, name: str = "own.yaml") -> Path:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_rows_are_read_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    written(
        tmp_path, "# ours\n- {term: b, type: TEST}\n\n- {cue: by no means, attribute: negated, direction: forward}\n"
    )
    written(tmp_path, "- {term: a}\n", "problems_of_ours.yml")
    written(tmp_path, "nonsense", "notes.txt")
    rows = read_own(tmp_path)
    assert [row.place for row in rows] == ["own.yaml:2", "own.yaml:4", "problems_of_ours.yml:1"]
    assert isinstance(rows[1].row, CueRow)
    assert isinstance(rows[2].row, TermRow)
    assert rows[2].row.type == "PROBLEM"


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "[]"])
def test_a_file_may_be_empty(tmp_path: Path, content: str) -> None:
    assert read_own(written(tmp_path, content)) == ()


def test_the_example_is_sound() -> None:
    assert len(read_own(EXAMPLES)) == 11


@pytest.mark.parametrize(
    "name",
    [
        entry.name
        for entry in curated.files()
        if entry.name.startswith(("problems", "drugs", "tests", "proc", "anatomy", "abbrev"))
    ],
)
def test_rows_of_a_curated_file_are_own_rows(name: str) -> None:
    content = next(entry for entry in curated.files() if entry.name == name).read_bytes()
    faults: list[str] = []
    # Some curated terms stand there twice on purpose, so repetitions are not looked for here.
    assert len(list(_read_file(name, content, faults))) > 10
    assert faults == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("- {term: x ray}", "`type` is missing"),
        ("- {term: x ray, type: SCAN}", "`type` is not one of PROBLEM, MEDICATION, TEST, PROCEDURE, ANATOMY"),
        ("- {term: x ray, type: TEST, loinc: 1}", "`loinc` is not a field of this row; its fields are type, icd"),
        ("- {term: no, type: TEST}", "`term` is not text: put it in quotes"),
        ("- {term: '12', type: TEST}", "`term` has no letter in it"),
        ("- {term: '  ', type: TEST}", "`term` is empty"),
        ("- {term: gout, type: PROBLEM, icd: 274.9}", "`icd` is not text"),
        ("- {term: gout, type: PROBLEM, icd: M109}", "`icd` is no ICD-10-CM code; write it with its dot"),
        ("- {term: gout, type: PROBLEM, hpo: '1997'}", "`hpo` is no HPO code"),
        ("- {term: gout, type: PROBLEM, also: podagra}", "`also` is not a list: write it in brackets"),
        ("- {term: gout, type: PROBLEM, codes: [1]}", "`codes` is not a table: write it in braces"),
        ("- {term: gout, type: PROBLEM, codes: {READ: '1'}}", "`codes` is not one of ICD-10-CM, HPO"),
        ("- {term: gout, type: PROBLEM, unless: [of the]}", "`unless` names words that stand directly beside"),
        ("- {term: gout, type: PROBLEM, case: upper}", "`case` is not one of exact"),
        ("- {short: XX, type: TEST}", "`long` is missing"),
        ("- {cue: hardly, attribute: negated}", "`direction` is missing"),
        ("- {cue: hardly, direction: forward}", "A cue needs `attribute`"),
        ("- {cue: hardly, direction: up, attribute: negated}", "`direction` is not one of forward, backward"),
        ("- {cue: hardly, direction: pseudo, problems_only: 1}", "`problems_only` is neither true nor false"),
        ("- {exclude: 7}", "`exclude`"),
        ("- gout", "a row is written in braces"),
        ("- {name: gout}", "a row needs one of the fields term, short (with long), cue or exclude"),
        (
            "- {term: gout, type: PROBLEM}\n- {term: Gout, type: TEST}",
            "line 2: the same words stand in own.yaml line 1",
        ),
        ("term: gout", "line 1: the file is not a list"),
        ("- {term: gout\n- x", "the file is not YAML"),
        (b"- {term: \xff}", "the file is not YAML in UTF-8"),
    ],
    ids=str,
)
def test_a_wrong_row_is_named_with_file_line_and_remedy(tmp_path: Path, row: str | bytes, said: str) -> None:
    with pytest.raises(UnsupportedInput) as caught:
        read_own(written(tmp_path, row))
    assert "own.yaml line " in caught.value.message
    assert said in caught.value.message
    assert "docs/vocabulary.md" in str(caught.value.remedy)


def test_all_wrong_rows_are_named_up_to_ten(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput) as caught:
        read_own(written(tmp_path, "".join(f"- {{term: t{i}}}\n" for i in range(13))))
    assert caught.value.message.count("own.yaml line") == 10
    assert "and 3 more" in caught.value.message


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match="cannot be read"):
        read_own(tmp_path / "nowhere")
