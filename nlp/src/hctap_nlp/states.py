"""Adjectives that make a problem of the site behind them: `enlarged axillary and inguinal lymph nodes`."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from hctap_nlp.extraction import Mention
from hctap_nlp.vocabulary.artefact import Code

# A first site that is an adjective and no mention of its own: `axillary and `.
_BETWEEN = re.compile(r"[ ](?:(?!and|or|with|but|in|of)[a-z]+,?[ ](?:and|or)[ ])?")


def join_states(
    text: str, mentions: list[Mention], states: Collection[str], code: Callable[[str], tuple[Code, ...]]
) -> list[Mention]:
    """The mentions with each adjective of the table and the site behind it as one problem, coded by its words."""
    joined: list[Mention] = []
    for mention in mentions:
        state = joined[-1] if joined else None
        if (
            state is not None
            and mention.type == "ANATOMY"
            and state.type == "PROBLEM"
            and text[state.begin : state.end].lower() in states
            and _BETWEEN.fullmatch(text, state.end, mention.begin)
        ):
            words = text[state.begin : mention.end].lower()
            codes = code(words) or code(f"{state.norm} {mention.norm}") or state.codes
            joined[-1] = replace(state, end=mention.end, norm=words, method="rule", source="state", codes=codes)
        else:
            joined.append(mention)
    return joined
