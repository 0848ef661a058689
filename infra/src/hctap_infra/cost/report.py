"""The cost of an environment as a table that people read."""

from collections.abc import Iterator, Sequence

from hctap_infra.cost.model import Line, price_flags
from hctap_infra.cost.prices import Prices
from hctap_infra.environments import Environment


def render(environment: Environment, prices: Prices, lines: Sequence[Line]) -> Iterator[str]:
    """Line after line: each resource, the sum, what others stated, what each flag adds, what was not looked up."""
    yield f"{environment.name}, at rest, US dollars a month ({prices.region}):"
    for line in sorted(lines, key=lambda line: -line.dollars):
        yield f"{line.dollars:9.2f}  {line.resource}: {line.what}"
    budget = environment.monitoring.budget_dollars
    yield f"{sum(line.dollars for line in lines):9.2f}  in all; the budget warns at ${budget}"
    stated = prices.stated.get(environment.name, ())
    yield f"Stated elsewhere: {', '.join(stated) or 'nothing'}."
    for what, dollars in price_flags(environment, prices):
        yield f"{dollars:+9.2f}  {what}"
    guessed = sorted(name for name, price in prices.prices.items() if price.read is None)
    yield f"Not looked up, as generally known: {', '.join(guessed)}."
