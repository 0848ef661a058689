"""A file is what its content says."""

from pathlib import Path

import pytest
from tests.nlp.vocabulary.imports import samples

from hctap_core.errors import UnsupportedInput
from hctap_nlp.vocabulary.imports.files import find_files
from hctap_nlp.vocabulary.imports.kinds import Kind, Part, kind_of


@pytest.mark.parametrize(
    ("content", "kind", "part"),
    [
        (samples.conso("29046", "RXNORM", "IN", "x"), Kind.RXNORM, Part.NAMES),
        (samples.relation("1", "2", "tradename_of"), Kind.RXNORM, Part.RELATIONS),
        (samples.conso("C0000001", "MSH", "MH", "x"), Kind.UMLS, Part.NAMES),
        ("C0000001|T047|B2.2.1.2.1|Disease or Syndrome|AT1|256|\n", Kind.UMLS, Part.TYPES),
        (samples.heading(samples.RF2_DESCRIPTION), Kind.SNOMED, Part.NAMES),
        (samples.heading(samples.RF2_CONCEPT), Kind.SNOMED, Part.CONCEPTS),
        (samples.heading(samples.RF2_RELATION), Kind.SNOMED, Part.RELATIONS),
        ("\ufeff" + samples.LOINC_COLUMNS, Kind.LOINC, Part.NAMES),
        (samples.OBO, Kind.OBO, Part.NAMES),
        ("code;Term;type\n", Kind.CSV, Part.NAMES),
        ('{"target_rules": []}', Kind.TARGET_RULES, Part.NAMES),
        ('\n{"context_rules": []}', Kind.CONTEXT_RULES, Part.NAMES),
    ],
    ids=str,
)
def test_a_file_is_known_by_its_content(tmp_path: Path, content: str, kind: Kind, part: Part) -> None:
    samples.write(tmp_path, anything=content)
    (file,) = find_files([tmp_path / "anything.dat"])
    assert kind_of(file) == (kind, part)


@pytest.mark.parametrize(
    "content", ["", "a|b|c\n", "id\teffectiveTime\tactive\tmoduleId\n", "{}", "name,code\n", "\x00"]
)
def test_anything_else_is_refused(tmp_path: Path, content: str) -> None:
    samples.write(tmp_path, anything=content)
    (file,) = find_files([tmp_path / "anything.dat"])
    with pytest.raises(UnsupportedInput, match=r"anything\.dat is nothing that can be imported"):
        kind_of(file)
