"""What was synthesised, read back, and how large it is."""

import json
from collections import Counter
from pathlib import Path
from typing import Any


def read_templates(folder: Path) -> dict[str, dict[str, Any]]:
    """The templates of a cloud assembly by stack."""
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.template.json"))
    }


def count_resources(folder: Path) -> dict[str, Counter[str]]:
    """The resources of each template in a folder, by type."""
    return {
        stack: Counter(resource["Type"] for resource in template["Resources"].values())
        for stack, template in read_templates(folder).items()
    }
