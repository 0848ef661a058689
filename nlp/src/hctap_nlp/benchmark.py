"""How fast an extractor reads: `python -m hctap_nlp.benchmark NOTES.jsonl [--extractor NAME]`.

CPU time of this process alone, so that other work on the machine counts little; the vocabulary is loaded before.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

from hctap_nlp.extractors import EXTRACTORS, load_extractor

_CACHE = Path.home() / ".cache" / "hctap"


def main(arguments: list[str] | None = None) -> int:
    """Print load time, thousand characters per second without and with records, and the peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--extractor", choices=EXTRACTORS, action="append")
    parser.add_argument("--vocabulary", type=Path, default=_CACHE)
    given = parser.parse_args(arguments)
    with given.notes.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines if line.strip()]
    size = sum(map(len, texts))
    for name in given.extractor or EXTRACTORS:
        begun = time.perf_counter()
        extractor = load_extractor(name, given.vocabulary)
        extractor.extract("Denies chest pain.")
        loaded = time.perf_counter() - begun
        begun = time.process_time()
        extractions = [extractor.extract(text) for text in texts]
        read = time.process_time() - begun
        for extraction in extractions:
            extraction.entity_records("note", "run")
        written = time.process_time() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stdout.write(
            f"{name:<8} {len(texts):>6,} texts {size:>11,} characters  first result {loaded:5.2f} s  "
            f"{size / read / 1000:8,.0f} kchar/s  with records {size / written / 1000:8,.0f} kchar/s  "
            f"peak {peak:,} MB\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
