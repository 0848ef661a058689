"""`python -m benchmarks`: the scoreboard, corpora, labels and agreement from the command line."""

import argparse
import os
import platform
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.calibration import calibration_error, judge, load_halves, reliability, render_shares, shares_of
from benchmarks.code_calibration import code_shares, judge_all, render_code_shares
from benchmarks.codes import CodeMap
from benchmarks.corpora import load_corpora, load_labelled, read_rules
from benchmarks.corpora_page import Asked, model_sentence, render_corpora, requests_about
from benchmarks.cost import measure, read_prices
from benchmarks.cost_page import render_page as render_cost
from benchmarks.environments import Workshop
from benchmarks.labelling import convert_chunks, render_agreement
from benchmarks.labels import read_labels
from benchmarks.materials import load_materials
from benchmarks.peers.catalogue import OURS, PEERS
from benchmarks.scoreboard import Bench, entries_of, read_remarks, render_page, requests_of
from benchmarks.terms import export_terms
from benchmarks.throughput import measure as measure_throughput
from benchmarks.throughput_page import last_line, line_by_cpu, line_of_unchanged
from benchmarks.throughput_page import render_page as render_throughput
from benchmarks.training import train_without
from hctap_cli.progress import Meter
from hctap_core.errors import PlatformError
from hctap_core.logs import configure_logs
from hctap_nlp.extractors import load_extractor
from hctap_nlp.vocabulary.build import ensure

ROOT = Path(__file__).parents[1]
SCORES = ROOT / "nlp/src/hctap_nlp/vocabulary/terms/scores.yaml"
CODE_SCORES = SCORES.with_name("code_scores.yaml")
_EDGES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 where it succeeded, 2 where its input cannot be used."""
    given = _parser().parse_args(arguments)
    configure_logs("INFO")
    try:
        given.run(given)
    except PlatformError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    labels = commands.add_parser("labels", help="marked chunks to labels by offset, without the texts")
    labels.add_argument("chunks", type=Path, nargs="+")
    labels.add_argument("--annotators", required=True, help="who marked them, with commas between")
    labels.add_argument("--out", type=Path, required=True)
    labels.set_defaults(run=_labels)
    agreement = commands.add_parser("agreement", help="how two annotators' label files agree")
    agreement.add_argument("first", type=Path)
    agreement.add_argument("second", type=Path)
    agreement.add_argument("--out", type=Path, required=True)
    agreement.set_defaults(run=_agreement)
    bench = commands.add_parser("bench", help="the engine and its peers, as docs/scoreboard.md")
    bench.add_argument("--uv", default="uv", help="the uv that makes the peers' environments")
    bench.add_argument("--home", type=Path, default=ROOT / ".hctap", help="where environments and terms are kept")
    bench.add_argument("--peers", help="only these folders of benchmarks/peers, with commas between")
    bench.add_argument("--notes", type=int, help="only so many notes of each part")
    bench.add_argument("--sentences", type=int, help="only so many sentences of each part")
    bench.add_argument("--seconds", type=float, default=5.0, help="CPU seconds to time each system for")
    bench.add_argument("--out", type=Path, default=ROOT / "docs" / "scoreboard.md")
    bench.set_defaults(run=_bench)
    calibrate = commands.add_parser("calibrate", help="the share of right mentions by rule, as the engine's scores")
    calibrate.add_argument("data", type=Path)
    calibrate.add_argument("--home", type=Path, default=ROOT / ".hctap", help="where the vocabulary is kept")
    calibrate.add_argument("--out", type=Path, default=SCORES)
    calibrate.set_defaults(run=_calibrate)
    codes = commands.add_parser("calibrate-codes", help="the share of right codes by reason, as the engine's scores")
    codes.add_argument("--home", type=Path, default=ROOT / ".hctap", help="where the vocabulary is kept")
    codes.add_argument("--out", type=Path, default=CODE_SCORES)
    codes.set_defaults(run=_calibrate_codes)
    corpora = commands.add_parser("corpora", help="corpora and labels by offset, as docs/scoreboard-corpora.md")
    corpora.add_argument("data", type=Path)
    corpora.add_argument("--texts", type=Path, action="append", default=[], help="more folders with texts")
    corpora.add_argument("--model", help="a folder with a model, or `shipped`; without it one is trained")
    corpora.add_argument("--uv", default="uv", help="the uv that makes the peers' environments")
    corpora.add_argument("--home", type=Path, default=ROOT / ".hctap", help="where models and terms are kept")
    corpora.add_argument("--peers", default="", help="these folders of benchmarks/peers too, with commas, or `all`")
    corpora.add_argument("--out", type=Path, default=ROOT / "docs" / "scoreboard-corpora.md")
    corpora.add_argument("--wrong", type=Path, help="also write what was most often wrong; quotes the texts")
    corpora.set_defaults(run=_corpora)
    cost = commands.add_parser("cost", help="what a million notes cost, as docs/cost.md")
    cost.add_argument("notes", type=Path)
    cost.add_argument("--most", type=int, default=5000, help="at most so many notes")
    cost.add_argument("--extractors", default="hybrid,rules", help="with commas between")
    cost.add_argument("--home", type=Path, default=ROOT / ".hctap", help="where the vocabulary is kept")
    cost.add_argument("--prices", type=Path, default=ROOT / "benchmarks" / "prices.yaml")
    cost.add_argument("--out", type=Path, default=ROOT / "docs" / "cost.md")
    cost.set_defaults(run=_cost)
    _add_etl(commands)
    return parser


def _cost(given: argparse.Namespace) -> None:
    prices = read_prices(given.prices)
    folder = given.home / "vocabulary"
    ensure(folder, Meter(Console(stderr=True)).stage)
    measured = measure(given.notes, given.extractors.split(","), given.most, folder)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    given.out.write_text(render_cost(measured, prices, machine), encoding="utf-8")
    print(f"{given.out} is written")


def _add_etl(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    etl = commands.add_parser("etl", help="notes a second from lake to lake and database, as docs/performance-etl.md")
    etl.add_argument("notes", type=Path)
    etl.add_argument("--most", type=int, default=20_000, help="so many notes, repeated with a line of their own")
    etl.add_argument("--home", type=Path, default=ROOT / ".hctap", help="where the vocabulary is kept")
    etl.add_argument("--out", type=Path, default=ROOT / "docs" / "performance-etl.md")
    etl.set_defaults(run=_etl)


def _etl(given: argparse.Namespace) -> None:
    folder = given.home / "vocabulary"
    ensure(folder, Meter(Console(stderr=True)).stage)
    found = measure_throughput(given.notes, given.most, folder)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    given.out.write_text(render_throughput(found, machine), encoding="utf-8")
    print(f"{given.out} is written")
    print(line_by_cpu(found))
    print(line_of_unchanged(found))
    print(last_line(found))


def _corpora(given: argparse.Namespace) -> None:
    meter = Meter(Console(stderr=True))
    rules, bar = read_rules(ROOT / "benchmarks" / "corpora.yaml")
    corpora, left_out = load_corpora(given.data, rules)
    files = sorted((ROOT / "benchmarks" / "labels").glob("*.jsonl")) + sorted((given.data / "labels").glob("*.jsonl"))
    folders = [given.data, *given.texts]
    labelled, missing = load_labelled(files, folders)
    vocabulary = ensure(given.home / "vocabulary", meter.stage)
    folder = given.home / "bench"
    model = None if given.model in {None, "shipped"} else Path(given.model)
    if given.model is None:
        model = train_without({f"{c.name}.jsonl" for c in corpora}, folders, vocabulary, folder, meter.stage)
    names = None if given.peers == "all" else [name for name in given.peers.split(",") if name]
    entries, asking = entries_of(PEERS, names), [*corpora, *labelled]
    # Only peers read the table of terms, and making it takes a while.
    terms = export_terms(vocabulary, folder) if any(entry.peer for entry in entries) else folder / "no-terms.csv"
    bench = Bench(Workshop(ROOT, folder, given.uv), Path(sys.executable), terms, meter.track, model=model)
    answers = bench.run(entries, requests_about(asking), seconds=3600)
    codes = CodeMap(path for place in folders for path in sorted(place.rglob("*.tsv")))
    remarks = [f"Nothing to score in: {', '.join(left_out)}."] if left_out else []
    remarks += [f"{missing} labelled texts are not in the folder."] if missing else []
    sentence = model_sentence(model, trained=given.model is None)
    asked = Asked(asking, entries, answers, codes)
    page = render_corpora(asked, bar, "make scoreboard DATA=folder", sentence, remarks)
    if given.wrong is not None:
        given.wrong.write_text(asked.wrong(OURS), encoding="utf-8")
    given.out.write_text(page, encoding="utf-8")
    print(f"{given.out} is written")


def _calibrate(given: argparse.Namespace) -> None:
    extractor = load_extractor("rules", given.home / "vocabulary", Meter(Console(stderr=True)).stage)
    halves = load_halves(given.data, ROOT / "samples" / "dev", "train")
    counts = {name: len(documents) for name, documents in halves.items()}
    shares = shares_of(judge(extractor, halves))
    given.out.write_text(render_shares(shares, counts, "python -m benchmarks calibrate DATA"), encoding="utf-8")
    held_out = judge(extractor, load_halves(given.data, ROOT / "samples" / "dev", "dev"))
    print(f"{given.out} is written. On the other halves, with the scores as they were:")
    bins = reliability(held_out, _EDGES)
    for mean, share, count in bins:
        print(f"  score {mean:.2f}: {share:.2f} right of {count:,}")
    print(f"  mean distance of score and share: {calibration_error(bins):.3f}")


def _calibrate_codes(given: argparse.Namespace) -> None:
    extractor = load_extractor("rules", given.home / "vocabulary", Meter(Console(stderr=True)).stage)
    shares = code_shares(judge_all(extractor, ROOT / "samples"))
    command = "python -m benchmarks calibrate-codes"
    given.out.write_text(render_code_shares(shares, command), encoding="utf-8")
    print(f"{given.out} is written")


def _bench(given: argparse.Namespace) -> None:
    meter = Meter(Console(stderr=True))
    vocabulary = ensure(given.home / "vocabulary", meter.stage)
    folder = given.home / "bench"
    terms = export_terms(vocabulary, folder)
    workshop = Workshop(ROOT, folder, given.uv)
    bench = Bench(workshop, Path(sys.executable), terms, meter.track)
    materials = load_materials(ROOT, notes=given.notes, sentences=given.sentences)
    entries = entries_of(PEERS, None if given.peers is None else [name for name in given.peers.split(",") if name])
    asked = bench.run(entries, requests_of(materials, given.seconds))
    remarks = read_remarks(ROOT / "benchmarks" / "remarks.yaml")
    with terms.open(encoding="utf-8") as lines:
        count = sum(1 for _ in lines) - 1
    given.out.write_text(render_page(entries, materials, asked, remarks, count), encoding="utf-8")
    print(f"{given.out} is written")


def _labels(given: argparse.Namespace) -> None:
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(convert_chunks(given.chunks, tuple(given.annotators.split(","))), encoding="utf-8")
    print(f"{given.out}: {len(read_labels(given.out))} texts")


def _agreement(given: argparse.Namespace) -> None:
    given.out.write_text(render_agreement(given.first, given.second, "make agreement"), encoding="utf-8")
    print(f"{given.out} is written")


if __name__ == "__main__":
    sys.exit(main())
