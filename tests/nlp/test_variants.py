"""Variants of a form."""

import pytest

from hctap_nlp.vocabulary.variants import forms_of


@pytest.mark.parametrize(
    ("form", "has", "has_not"),
    [
        ("fracture", {"fractures"}, set()),
        ("biopsy", {"biopsies"}, {"biopsys"}),
        ("mass", set(), {"masss"}),
        ("anemia", {"anaemia"}, {"anemias"}),
        ("oedema", {"edema"}, set()),
        ("follow-up", {"follow up"}, set()),
        ("Crohn's disease", {"crohn disease", "crohns disease", "crohn's"}, set()),
        ("cellulitis", set(), {"cellulitiss"}),
    ],
)
def test_forms(form: str, has: set[str], has_not: set[str]) -> None:
    forms = forms_of(form, plurals=True)
    assert form.lower() in forms
    assert has <= forms
    assert not has_not & forms
