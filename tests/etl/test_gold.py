import json
from pathlib import Path
from typing import Any

import pytest

from hctap_core.errors import MalformedRecord, UnsupportedInput
from hctap_etl.gold import load_gold, name_of_gold, score_file

GOLD: list[dict[str, Any]] = [
    {"note_id": "a", "entities": [{"entity_type": "PROBLEM", "text": "fever", "begin": 0, "end": 5}]},
    {"note_id": "b", "entities": [{"entity_type": "PROBLEM", "text": "cough", "begin": 3, "end": 8}]},
]
RIGHT = {"entity_type": "PROBLEM", "text": "fever", "begin": 0, "end": 5}


def _write(path: Path, *records: Any) -> Path:
    path.write_text("\n".join(record if isinstance(record, str) else json.dumps(record) for record in records))
    return path


@pytest.mark.parametrize(
    ("records", "right", "predicted", "gold", "shared_notes"),
    [
        ([{"id": "a", "entities": [RIGHT]}], 1, 1, 2, 1),
        ([{"note_id": "a", "entities": [RIGHT]}, {"id": "b", "entities": []}], 1, 1, 2, 2),
        ([RIGHT | {"note_id": "a"}, RIGHT | {"note_id": "a", "begin": 9, "end": 14}, ""], 1, 2, 2, 1),
        ([{"id": "a", "entities": [RIGHT], "sections": []}], 1, 1, 2, 1),
    ],
)
def test_predictions_of_either_form_are_scored(
    tmp_path: Path, records: list[Any], right: int, predicted: int, gold: int, shared_notes: int
) -> None:
    loaded = load_gold(_write(tmp_path / "gold.jsonl", *GOLD))
    scores = score_file(_write(tmp_path / "p.jsonl", *records), loaded)
    micro = scores["strict"]["micro"]
    assert (micro["right"], micro["predicted"], micro["gold"]) == (right, predicted, gold)
    assert scores["coverage"]["pred_notes"] == shared_notes


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "line 2 of the predictions is not a JSON object"),
        ("[]", "line 2 of the predictions is not a JSON object"),
        (json.dumps({"entities": []}), "line 2 of the predictions is none"),
        (json.dumps({"id": "a", "entities": [{"begin": 1}]}), "line 2 of the predictions is none"),
        (json.dumps({"id": "a", "entities": 7}), "line 2 of the predictions is none"),
        (json.dumps({"id": "a", "text": "Fever"}), "line 2 of the predictions is none"),
    ],
)
def test_lines_that_are_no_predictions_are_numbered(tmp_path: Path, line: str, said: str) -> None:
    path = _write(tmp_path / "p.jsonl", {"id": "a", "entities": []}, line)
    with pytest.raises(MalformedRecord, match=said):
        score_file(path, load_gold(_write(tmp_path / "g.jsonl", *GOLD)))


def test_gold_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"note_id": "caf\xe9"}')
    for name, said in (("none.jsonl", "cannot be read"), ("latin.jsonl", "not UTF-8")):
        with pytest.raises(UnsupportedInput, match=said):
            load_gold(tmp_path / name)
    with pytest.raises(UnsupportedInput, match="holds no gold"):
        load_gold(_write(tmp_path / "empty.jsonl", ""))


@pytest.mark.parametrize(("path", "name"), [("samples/dev/gold.jsonl", "dev"), ("my/ward7.jsonl", "ward7")])
def test_gold_has_a_name(path: str, name: str) -> None:
    assert name_of_gold(Path(path)) == name
