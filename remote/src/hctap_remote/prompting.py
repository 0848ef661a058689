"""The versioned prompts, and what a model replies to them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hctap_core.entities import EntityType
from hctap_core.errors import LlmReplyUnusable

TOOL: Final = "record_entities"
CURRENT: Final = "entities-1"


class Quoted(BaseModel):
    """A mention as the model quotes it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    type: EntityType
    negated: bool = False
    uncertain: bool = False
    historical: bool = False
    hypothetical: bool = False
    family: bool = False
    confidence: float = Field(default=1.0, ge=0, le=1)


class _Reply(BaseModel):
    entities: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A version of the instructions and of the reply's schema; `id` changes with every byte of them."""

    id: str
    system: str
    schema: Mapping[str, Any]

    @property
    def size(self) -> int:
        """The bytes that every request carries besides its text."""
        return len(self.system.encode()) + len(json.dumps(self.schema))

    def request(self, model: str, passage: str, most_tokens: int) -> dict[str, Any]:
        """The arguments of Converse for a passage."""
        return {
            "modelId": model,
            "system": [{"text": self.system}],
            "messages": [{"role": "user", "content": [{"text": f"<note>\n{passage}\n</note>"}]}],
            "inferenceConfig": {"maxTokens": most_tokens, "temperature": 0.0},
            "toolConfig": {
                "tools": [{"toolSpec": {"name": TOOL, "inputSchema": {"json": dict(self.schema)}}}],
                "toolChoice": {"tool": {"name": TOOL}},
            },
        }


def load_prompt(version: str = CURRENT) -> Prompt:
    """The prompt of that version."""
    folder = files("hctap_remote") / "prompts"
    system = (folder / f"{version}.md").read_text(encoding="utf-8")
    schema = (folder / f"{version}.json").read_text(encoding="utf-8")
    digest = hashlib.sha256(f"{system}\0{schema}".encode()).hexdigest()[:12]
    return Prompt(f"{version}+{digest}", system, json.loads(schema))


def read_reply(answer: Mapping[str, Any]) -> tuple[Quoted, ...]:
    """The mentions in an answer of Converse.

    Raises:
        LlmReplyUnusable: If it does not call the tool, or not as the schema says.
    """
    content = answer["output"].get("message", {}).get("content", ())
    for block in content:
        use = block.get("toolUse")
        if use and use["name"] == TOOL:
            try:
                return _Reply.model_validate(use["input"]).entities
            except ValidationError:
                break
    raise LlmReplyUnusable
