"""How large what was synthesised is."""

import json
from collections import Counter
from pathlib import Path


def count_resources(folder: Path) -> dict[str, Counter[str]]:
    """The resources of each template in a folder, by type."""
    return {
        path.name.removesuffix(".template.json"): Counter(
            resource["Type"] for resource in json.loads(path.read_text(encoding="utf-8"))["Resources"].values()
        )
        for path in sorted(folder.glob("*.template.json"))
    }
