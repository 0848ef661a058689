"""What a compiled vocabulary is made of, as tables."""

from collections import Counter

from rich.console import Console

from hctap_cli.summaries.tables import new_table
from hctap_nlp.vocabulary.artefact import Compiled
from hctap_nlp.vocabulary.imports.merging import stale_codes
from hctap_nlp.vocabulary.imports.shelf import Card

_MOST_STALE = 5


def show_vocabulary(console: Console, vocabulary: Compiled) -> None:
    """Print the sources, then terms and concepts by type and source, and the hash that results name."""
    sources = new_table("source", "release", "rows", "concepts", "licence")
    for place in (2, 3):
        sources.columns[place].justify = "right"
    concepts = Counter(concept.source for concept in vocabulary.concepts)
    for source in vocabulary.header["sources"]:
        name = source["name"]
        sources.add_row(name, source["release"], f"{source['rows']:,}", f"{concepts[name]:,}", source["licence"])
    if own := vocabulary.header.get("own"):
        count = sum(concept.source.startswith("user:") for concept in vocabulary.concepts)
        sources.add_row("your own rows", own["hash"][:12], f"{own['rows']:,}", f"{count:,}", "yours")
    console.print(sources, highlight=False)
    types = Counter(concept.type for concept in vocabulary.concepts)
    coded = sum(
        any(code[0] == "ICD-10-CM" for code in concept.codes)
        for concept in vocabulary.concepts
        if concept.type == "PROBLEM"
    )
    kinds = ", ".join(f"{count:,} {name}" for name, count in sorted(types.items()))
    console.print(
        f"{len(vocabulary.senses):,} forms of {len(vocabulary.concepts):,} concepts: {kinds}.", highlight=False
    )
    console.print(f"{coded:,} of the problems have an ICD-10-CM code. Hash {vocabulary.hash}.", highlight=False)
    _show_codes(console, vocabulary)


def _show_codes(console: Console, vocabulary: Compiled) -> None:
    """Print how many codes of each system there are, and those of ICD-10-CM that the present edition has no more."""
    codes = {(code[0], code[1]) for concept in vocabulary.concepts for code in concept.codes}
    systems = Counter(system for system, _ in codes)
    drugs = len(vocabulary.header["tables"].get("clinical_drugs", ()))
    said = ", ".join(f"{system} {count:,}" for system, count in sorted(systems.items()))
    console.print(f"Codes: {said}.", highlight=False)
    if systems["RXNORM"]:
        console.print(f"RxCUIs come from your import; {drugs:,} clinical drugs by strength and form.", highlight=False)
    else:
        console.print("RxCUIs: none. They come only from your own `vocabulary import` of RxNorm.", highlight=False)
    stale = sorted(set(stale_codes(vocabulary)))
    named = ": " + ", ".join(f"{code} ({source})" for source, code in stale[:_MOST_STALE]) if stale else ""
    console.print(f"{len(stale):,} ICD-10-CM codes are not in the present edition{named}.", highlight=False)


def show_import(console: Console, card: Card) -> None:
    """Print what was read from a user's files, and what was left out, by reason."""
    title = f"{card.name} ({card.kind}), release {card.release or 'not stated'}, licence: {card.licence}"
    console.print(title, highlight=False, markup=False)
    counts = new_table("what", "count")
    counts.columns[1].justify = "right"
    rows = [("concepts", card.rows), ("wordings", card.forms), ("cues", len(card.cues))]
    rows += [(f"codes of {system}", count) for system, count in card.codes.items()]
    rows += [("clinical drugs by strength and form", len(card.clinical_drugs))]
    rows += [(f"left out: {reason}", count) for reason, count in card.left_out.items()]
    for what, count in rows:
        if count:
            counts.add_row(what, f"{count:,}")
    console.print(counts, highlight=False)
