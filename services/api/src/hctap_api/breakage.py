"""What a client of the released contract could no longer do.

`python -m hctap_api.breakage RELEASED PRESENT` says what it is and returns 1; with `CHANGELOG.md` and a decision a
breaking change is released by copying the present contract over the released one.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

_Schema = Mapping[str, Any]
_DEEPEST: Final = 12


def find_breaks(released: _Schema, present: _Schema) -> list[str]:
    """The breaking changes from one contract to another, each as a sentence.

    Breaking is what is gone (routes, answers, members of answers, allowed values of requests), what is another type,
    and what must be given and had not to be.
    """
    return sorted(set(_Comparison(released, present).breaks()))


class _Comparison:
    def __init__(self, released: _Schema, present: _Schema) -> None:
        self._released, self._present = released, present

    def breaks(self) -> Iterator[str]:
        for path, methods in self._released["paths"].items():
            for method, operation in methods.items():
                place = f"{method.upper()} {path}"
                now = self._present["paths"].get(path, {}).get(method)
                if now is None:
                    yield f"{place} is gone"
                else:
                    yield from self._of_operation(place, operation, now)

    def _of_operation(self, place: str, before: _Schema, now: _Schema) -> Iterator[str]:
        known = {(one["in"], one["name"]): one for one in before.get("parameters", ())}
        for one in now.get("parameters", ()):
            earlier = known.get((one["in"], one["name"]))
            if one.get("required") and not (earlier or {}).get("required"):
                yield f"{place} needs the parameter {one['name']}"
            if earlier:
                yield from self._of_schema(f"{place} {one['name']}", earlier["schema"], one["schema"], is_request=True)
        for media, content in before.get("requestBody", {}).get("content", {}).items():
            taken = now.get("requestBody", {}).get("content", {}).get(media)
            if taken is None:
                yield f"{place} takes no {media} any more"
            else:
                yield from self._of_schema(
                    f"{place} body", content.get("schema", {}), taken.get("schema", {}), is_request=True
                )
        for status, answer in before["responses"].items():
            if status.startswith("2"):
                yield from self._of_answer(f"{place} {status}", answer, now["responses"].get(status))

    def _of_answer(self, place: str, before: _Schema, now: _Schema | None) -> Iterator[str]:
        if now is None:
            yield f"{place} is answered no more"
            return
        for media, content in before.get("content", {}).items():
            given = now.get("content", {}).get(media)
            if given is None:
                yield f"{place} has no {media} any more"
            else:
                yield from self._of_schema(place, content.get("schema", {}), given.get("schema", {}), is_request=False)

    def _of_schema(
        self, place: str, before: _Schema, now: _Schema, *, is_request: bool, depth: int = 0
    ) -> Iterator[str]:
        before, now = _resolve(self._released, before), _resolve(self._present, now)
        if depth > _DEEPEST or not before:
            return
        if before.get("type") != now.get("type") and "type" in now:
            yield f"{place} is {now.get('type')} and was {before.get('type')}"
            return
        yield from _of_members(place, before, now, is_request=is_request)
        members = now.get("properties", {})
        for name, schema in before.get("properties", {}).items():
            if name in members:
                yield from self._of_schema(
                    f"{place}.{name}", schema, members[name], is_request=is_request, depth=depth + 1
                )
        if "items" in before and "items" in now:
            yield from self._of_schema(
                f"{place}[]", before["items"], now["items"], is_request=is_request, depth=depth + 1
            )


def _of_members(place: str, before: _Schema, now: _Schema, *, is_request: bool) -> Iterator[str]:
    needed, needs = set(before.get("required", ())), set(now.get("required", ()))
    gone = set(before.get("properties", {})) - set(now.get("properties", {}))
    if is_request:
        yield from (f"{place} needs {name}" for name in needs - needed)
        if before.get("enum") and now.get("enum"):
            yield from (f"{place} may not be {value} any more" for value in set(before["enum"]) - set(now["enum"]))
    if not is_request or now.get("additionalProperties") is False:
        yield from (f"{place} has no {name} any more" for name in gone)
    if not is_request:
        yield from (f"{place} may come without {name}" for name in needed - needs - gone)


def _resolve(contract: _Schema, schema: _Schema) -> _Schema:
    while "$ref" in schema:
        schema = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def main(arguments: list[str] | None = None) -> int:
    """Say what breaks, if anything; 1 where something does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("released", type=Path)
    parser.add_argument("present", type=Path)
    given = parser.parse_args(arguments)
    contracts = [json.loads(path.read_text(encoding="utf-8")) for path in (given.released, given.present)]
    found = find_breaks(*contracts)
    for one in found:
        sys.stderr.write(f"breaks clients: {one}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
