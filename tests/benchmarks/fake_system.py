"""A system that finds the word `fever`, denies every given span, and fails as its arguments say."""

import argparse
import sys

from benchmarks.peers.protocol import Record, Spans, System, serve


class Fake:
    packages = ("pytest",)

    def __init__(self, how: str) -> None:
        self._how = how

    def extract(self, text: str) -> Record | None:
        if self._how == "no-extraction":
            return None
        if self._how == "raise":
            raise ValueError(text)
        if self._how == "exit":
            sys.exit(3)
        begin = text.find("fever")
        end = begin + 5 if self._how != "beyond" else len(text) + 1
        sys.stdout.write(f"a library prints what it read: {text}\n")  # must not come between the answers
        return {"entities": [{"begin": begin, "end": end, "entity_type": "PROBLEM"}] if begin >= 0 else []}

    def read_spans(self, text: str, spans: Spans) -> Record:
        return {
            "entities": [
                {"begin": b, "end": e, "entity_type": kind, "assertion": {"negated": bool(text)}}
                for b, e, kind in spans
            ]
        }


def load(given: argparse.Namespace) -> System:
    if given.how == "broken":
        raise RuntimeError("the model is missing")
    return Fake(given.how)


if __name__ == "__main__":
    sys.exit(serve(load, "--how"))
