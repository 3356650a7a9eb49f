"""The expanded document is plain OpenAPI 3.1, whoever reads it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

HERE = Path(__file__).parent
DOCUMENTS = {
    "hub": HERE.parent.parent / "generated" / "openapi.json",
    **{path.parent.parent.name: path for path in sorted(HERE.glob("golden/*/expected/openapi.json"))},
}


@pytest.fixture(scope="module", params=DOCUMENTS)
def document(request):
    return json.loads(DOCUMENTS[request.param].read_text())


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def operations(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for operation in item.values():
            yield path, operation


def test_it_is_valid(document):
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_an_operation_id_is_used_once(document):
    used = Counter(operation["operationId"] for _, operation in operations(document))
    assert used
    assert set(used.values()) == {1}


def test_the_words_of_the_generator_are_gone(document):
    assert not [node for node in nodes(document) if "x-hub" in node]


def test_every_reference_leads_somewhere(document):
    references = [node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)]
    references += [
        target for node in nodes(document) if "propertyName" in node for target in node.get("mapping", {}).values()
    ]
    for reference in references:
        target = document
        root, *parts = reference.split("/")
        assert root == "#"
        for part in parts:
            target = target[part]


def test_every_place_of_a_path_is_one_parameter_without_a_slash(document):
    for path, operation in operations(document):
        parameters = [parameter for parameter in operation.get("parameters", []) if parameter["in"] == "path"]
        assert sorted(parameter["name"] for parameter in parameters) == sorted(re.findall(r"{(\w+)}", path))
        assert all(parameter["required"] for parameter in parameters)
        assert "repo_id" not in path


def test_no_two_paths_differ_in_the_names_of_their_places_alone(document):
    templates = Counter(re.sub(r"{\w+}", "{}", path) for path in document["paths"])
    assert set(templates.values()) == {1}


def test_each_type_of_repository_that_an_operation_takes_has_its_path():
    paths = json.loads(DOCUMENTS["requests"].read_text())["paths"]
    assert list(paths) == [
        "/api/models/{namespace}/{repo}/tree/{revision}",
        "/api/datasets/{namespace}/{repo}/tree/{revision}",
        "/api/spaces/{namespace}/{repo}/tree/{revision}",
        "/api/kernels/{namespace}/{repo}/tree/{revision}",
        "/{namespace}/{repo}/resolve/{path}",
        "/datasets/{namespace}/{repo}/resolve/{path}",
        "/api/folders",
        "/api/folders/{folder}",
        "/api/pictures",
        "/api/shelves/{namespace}/{slug}",
        "/api/files/{number}",
        "/api/lines",
        "/api/changes",
    ]
