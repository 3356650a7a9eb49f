"""``python -m codegen SPEC``: what it refuses, with file and line, and what it leaves out if told to."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

from codegen.__main__ import main
from codegen.documents.convert import convert
from codegen.documents.read import read_documents
from codegen.spec.document import SpecError
from codegen.write.folders import differences

ROOT = Path(__file__).parent.parent.parent
VENDOR = Path(os.environ.get("HUB_TYPED_VENDOR") or ROOT.parent / "shared" / "vendor" / "openapi.json")
DOCUMENTS = Path(__file__).parent / "documents"
REFUSED = DOCUMENTS / "refused.yaml"


def arguments(source: Path, out: Path, *more: str, package: str = "small_api") -> list[str]:
    return [str(source), "--package", package, "--out", str(out), *more]


def test_the_hub_becomes_the_same_by_either_command(repository, tmp_path):
    assert main(arguments(repository / "spec", tmp_path, package="hub_typed_api")) == 0
    assert differences(tmp_path / "hub_typed_api", repository / "generated" / "hub_typed_api") == []


def test_the_spec_of_the_hub_has_its_own_package(repository, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(arguments(repository / "spec", tmp_path))
    assert "whose package is hub_typed_api" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_generated_is_refused_with_its_line(tmp_path, capsys):
    assert main(arguments(REFUSED, tmp_path)) == 2
    assert capsys.readouterr() == ("", f"{REFUSED}:8: operations of the method trace are not supported\n")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_generated_is_left_out_if_told_so(tmp_path, capsys):
    assert main(arguments(REFUSED, tmp_path, "--skip-unsupported")) == 0
    assert capsys.readouterr().err.splitlines() == [
        "Left out 5 operations:",
        f"  TRACE /trace: {REFUSED}:8: operations of the method trace are not supported",
        f"  GET /events: {REFUSED}:16: event streams are not supported",
        f"  GET /lost: {REFUSED}:21: $ref '#/components/schemas/Nobody' leads nowhere",
        f"  GET /odd: {REFUSED}:26: the parameter 'filter' is an object of style form: write deepObject",
        f"  POST /both: {REFUSED}:39: no value is 'string' and 'object'",
    ]
    text = (tmp_path / "small_api" / "operations" / "default.py").read_text()
    assert text.count("\ndef ") == 1
    assert "def get_good" in text


@pytest.mark.parametrize(
    ("document", "line", "message"),
    [
        ({"swagger": "2.0"}, 2, "OpenAPI 3.0 and 3.1 can be read; this says 2.0"),
        ({"info": {}}, 1, "this says nothing"),
        (
            {"openapi": "3.0.0", "paths": {"/": {"get": {"parameters": [{"name": "a", "in": "body"}]}}}},
            9,
            "'a' stands in 'body'",
        ),
        ({"openapi": "3.1.0", "paths": {"/": {"$ref": "#/lost"}}}, 5, "leads nowhere"),
        ({"openapi": "3.1.0", "paths": {"/": {"$ref": "lost.json"}}}, 5, "No such file"),
        ({"openapi": "3.1.0", "paths": {"/": {"$ref": "https://api.test/one.json"}}}, 5, "bundle the document first"),
    ],
)
@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_a_wrong_document_is_told_with_its_line(tmp_path, document, line, message, suffix):
    path = tmp_path / f"api{suffix}"
    path.write_text(json.dumps(document, indent=1))
    with pytest.raises(SpecError) as caught:
        convert(read_documents(path), "small_api", skip=False)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(("suffix", "line"), [(".json", 2), (".yaml", 2)])
def test_a_file_that_cannot_be_parsed_is_told_with_its_line(tmp_path, suffix, line):
    path = tmp_path / f"api{suffix}"
    path.write_text('{"a": 1,\n"b": ]}')
    with pytest.raises(SpecError, match=f"api{suffix}:{line}: "):
        read_documents(path)


def test_a_folder_without_operations_is_refused(tmp_path):
    with pytest.raises(SpecError, match="no file of this folder has paths"):
        read_documents(tmp_path)


def test_another_folder_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "small_api").mkdir()
    (tmp_path / "small_api" / "mine.py").write_text("")
    with pytest.raises(SystemExit):
        main(arguments(REFUSED, tmp_path, "--skip-unsupported"))
    assert "holds something else" in capsys.readouterr().err


@pytest.mark.skipif(not VENDOR.exists(), reason=f"there is no {VENDOR}; HUB_TYPED_VENDOR names another file")
def test_the_vendors_document_of_the_hub_is_generated_whole(tmp_path, capsys):
    document = json.loads(VENDOR.read_text(encoding="utf-8"))
    operations = sum(method not in ("parameters", "servers") for item in document["paths"].values() for method in item)
    assert main(arguments(VENDOR, tmp_path)) == 0
    assert capsys.readouterr() == ("", "")
    modules = [ast.parse(path.read_text()) for path in (tmp_path / "small_api" / "operations").glob("*.py")]
    functions = [node for module in modules for node in module.body if isinstance(node, ast.FunctionDef)]
    assert sum(not function.name.startswith("_") for function in functions) == operations > 100
