"""What a compiled vocabulary is made of, as tables."""

from collections import Counter

from rich.console import Console

from hctap_cli.summaries.tables import new_table
from hctap_nlp.vocabulary.artefact import Compiled


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
