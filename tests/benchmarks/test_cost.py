import json
from pathlib import Path

import pytest
from benchmarks.cost import Measured, Spent, measure, read_prices
from benchmarks.cost_page import render_page

from hctap_core.errors import BadInput
from hctap_embedded.stack import Stack
from hctap_nlp.vocabulary.build import ensure

ROOT = Path(__file__).parents[2]
PRICES = read_prices(ROOT / "benchmarks" / "prices.yaml")
SERVICES = {service.name.split()[0]: service for service in PRICES.services}


@pytest.mark.parametrize(
    ("service", "characters", "dollars"),
    [
        ("Amazon", 1e6, 100),
        ("Amazon", 150e6, 10_000 + 2_500),
        ("Amazon", 3000e6, 10_000 + 5_000 + 28_000),
        ("Azure", 5e6, 0),
        ("Azure", 3000e6, 495 * 20 + 2000 * 15 + 500 * 6),
        ("Google", 3000e6, 2997.5 * 100),
    ],
)
def test_bands_are_filled_one_after_the_other(service: str, characters: float, dollars: float) -> None:
    assert SERVICES[service].price(characters) == pytest.approx(dollars)


def test_every_price_has_its_source_and_date() -> None:
    dated = [(PRICES.fargate.source, PRICES.fargate.read), *((one.source, one.read) for one in PRICES.services)]
    for source, read in dated:
        assert (source.startswith("https://"), read.year) == (True, 2026)


def test_the_page_multiplies_what_was_measured() -> None:
    # Half a vCPU-second a note is 138.9 vCPU-hours a million.
    one = Measured("rules", 1000, 2_000_000, 5, Spent(100, 60, 200), Spent(400, 300, 280))
    page = render_page([one], PRICES, "2 cores")
    hours = 0.5 * 1e6 / 3600
    dollars = hours * (PRICES.fargate.vcpu_hour + 2 * PRICES.fargate.gb_hour)
    assert f"| `rules` | {hours:.2f} | ${dollars:.2f} | ${dollars * 0.3:.2f} | ${dollars / 2000:.5f} |" in page
    assert "| `rules` | 5 | 100.0 | 400.0 | 500.0 | 250.00 | 300.0 | 280 |" in page
    assert "| $100 / $50 / $10 | $33,000 |" in page
    assert PRICES.fargate.source in page


def test_a_small_measurement(tmp_path: Path, stack: Stack) -> None:
    notes = tmp_path / "notes.jsonl"
    record = {"note_id": "a", "specialty": "S", "text": "Fever and cough. Aspirin 81 mg daily."}
    notes.write_text("".join(json.dumps(record | {"note_id": f"n{number}"}) + "\n" for number in range(4)))
    ensure(stack.home / "vocabulary")
    (one,) = measure(notes, ["rules"], 3, stack.home / "vocabulary")
    assert (one.notes, one.extractor) == (3, "rules")
    # Each is distinct, so none is spared, and all three have the same three entities.
    assert one.entities == 9
    assert 0.1 < one.ran.cpu_seconds < 300
    assert 50 < one.ran.peak_mb < 4000


def test_nothing_to_measure_with_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(BadInput, match="no notes"):
        measure(tmp_path, ["rules"], 3, tmp_path)
