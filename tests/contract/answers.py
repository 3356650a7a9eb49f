"""Validation of the embedded Hub's responses against the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import ValidationError

from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source
from tests.contract.document import resolved, validate
from tests.contract.spec import NODES

__all__ = ["misfit"]

NO_API = ("git.", "storage.")
"""What git and the store of large files say among themselves is no part of the document."""


def misfit(operation: str, answer: Answer) -> str | None:
    """What the document does not let an operation answer; nothing, where it does.

    Args:
        operation: Its area and name, as ``refs.list_repo_refs``.
        answer: What the embedded Hub answers.
    """
    node = NODES.get(operation.partition(".")[2])
    if node is None or answer.status == 501 or operation.startswith(NO_API):
        return None
    where = f"{operation} answers {answer.status}"
    declared = node["responses"].get(str(answer.status))
    if declared is None:
        if answer.status < 400 or answer.status >= 500:
            return f"{where}, which is none of {', '.join(node['responses'])}: {_text(answer)[:200]}"
        declared = node["responses"]["default"]
    content: dict[str, Any] = resolved(declared).get("content", {})
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if media_type not in content:
        told = bool(content) and bool(_text(answer))
        return f"{where} as {media_type or 'nothing'}, not as {', '.join(content)}" if told else None
    if "json" not in media_type or isinstance(answer.body, Source):
        return None
    try:
        validate(content[media_type]["schema"], json.loads(_text(answer)))
    except ValidationError as error:
        return f"{where}, where {error.json_path} is wrong: {error.message[:300]}"
    return None


def _text(answer: Answer) -> str:
    return "" if isinstance(answer.body, Source) else answer.body.decode("utf-8", "replace")
