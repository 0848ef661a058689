"""The guard around an extractor: what each policy does with a text."""

import pytest

from hctap_core.errors import NoteRefused
from hctap_core.phi import PhiKind, PhiPolicy
from hctap_core.reasons import QuarantineReason
from hctap_nlp.extractors.rules import RulesExtractor
from hctap_nlp.phi.guard import GuardedExtractor, guard

TEXT = "Mr. Smith, MRN 0012345, denies chest pain. History of gout."


def test_off_changes_nothing(extractor: RulesExtractor) -> None:
    assert guard(extractor, PhiPolicy.OFF) is extractor


def test_report_counts_and_finds_the_same(extractor: RulesExtractor) -> None:
    extraction = guard(extractor, PhiPolicy.REPORT).extract(TEXT)
    assert extraction.phi == {PhiKind.MRN: 1, PhiKind.NAME: 1}
    assert extraction.surrogate is None
    assert extraction.mentions == extractor.extract(TEXT).mentions


def test_redact_reads_the_surrogate(extractor: RulesExtractor) -> None:
    extraction = guard(extractor, PhiPolicy.REDACT).extract(TEXT)
    assert extraction.surrogate is not None
    assert (
        extraction.text == extraction.surrogate.text == TEXT.replace("Smith", "[NAME-1]").replace("0012345", "[MRN-1]")
    )
    records = extraction.entity_records("n", "r")
    assert [record["text"] for record in records] == ["chest pain", "gout"]
    for record in records:
        assert extraction.text[record["begin"] : record["end"]] == record["text"]
        assert TEXT[slice(*extraction.surrogate.to_raw(record["begin"], record["end"]))] == record["text"]


def test_quarantine_refuses_and_says_only_kinds(extractor: RulesExtractor) -> None:
    with pytest.raises(NoteRefused) as caught:
        guard(extractor, PhiPolicy.QUARANTINE).extract(TEXT)
    assert caught.value.reason is QuarantineReason.PHI
    assert str(caught.value) == "phi: 1 mrn, 1 name"


@pytest.mark.parametrize("policy", [PhiPolicy.REPORT, PhiPolicy.QUARANTINE, PhiPolicy.REDACT])
def test_a_text_without_identifiers_is_read_as_it_is(extractor: RulesExtractor, policy: PhiPolicy) -> None:
    extraction = guard(extractor, policy).extract("Denies chest pain.")
    assert extraction == extractor.extract("Denies chest pain.")


def test_the_policy_is_part_of_the_settings(extractor: RulesExtractor) -> None:
    guarded = GuardedExtractor(extractor, PhiPolicy.REDACT)
    assert guarded.settings == {"phi": "redact"}
    assert (guarded.name, guarded.vocabulary_hash) == ("rules", extractor.vocabulary_hash)
