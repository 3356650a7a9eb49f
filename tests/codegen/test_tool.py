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
        ({"swagger": "2.0"}, 2, "OpenAPI 3.0, 3.1, 3.2 can be read; this says 2.0: convert it first"),
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


def operation(**members: object) -> dict[str, object]:
    return {"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {}, **members}}}}


def schema(**members: object) -> dict[str, object]:
    answer = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}
    return {**operation(responses=answer), "components": {"schemas": {"A": members}}}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"openapi": "3.1.0"}, "there are no operations"),
        ({"openapi": "3.1.0", "paths": None}, "there are no operations"),
        ({"openapi": "3.1.0", "paths": {"/a": {"get": None}}}, "there are no operations"),
        ({"openapi": "3.1.0", "paths": [1]}, "'paths' must be a mapping"),
        ({"openapi": "3.1.0", "paths": {"/a": "one"}}, "'/a' must be a mapping"),
        ({"openapi": "3.1.0", "paths": {"/a": {"get": "one"}}}, "'get' must be a mapping"),
        ({"openapi": "3.2.0", "paths": {"/a": {"query": {}}}}, "operations of the method query are not supported"),
        ({**operation(), "info": "one"}, "'info' must be a mapping"),
        ({**operation(), "servers": {"url": "https://a.test"}}, "'servers' must be a list"),
        ({**operation(), "components": {"schemas": [1]}}, "'schemas' must be a mapping"),
        ({**operation(), "components": {"securitySchemes": {"a": 1}}}, "must be a mapping of mappings"),
        ({**operation(), "components": {"securitySchemes": {"a": {}}}}, "a scheme has a text 'type'"),
        (operation(parameters={"a": 1}), "'parameters' must be a list"),
        (operation(parameters=["a"]), "'parameters' must be a list of mappings"),
        (operation(parameters=[{"in": "query"}]), "a parameter has a text 'name'"),
        (operation(parameters=[{"name": "a", "in": "query", "schema": "b"}]), "'schema' must be a mapping"),
        (operation(requestBody="a"), "'requestBody' must be a mapping"),
        (operation(responses=["a"]), "'responses' must be a mapping"),
        (operation(responses={"200": {"content": {"application/json": 1}}}), "must be a mapping of mappings"),
        (operation(servers=[{"url": "/v2"}]), "a server of its own, '/v2', which is no whole URL"),
        (schema(properties=["a"]), "'properties' must be a mapping"),
        (schema(properties={"a": "b"}), "'properties' must be a mapping of mappings"),
        (schema(required="a"), "'required' must be a list"),
        (schema(enum="a"), "'enum' must be a list"),
        (schema(allOf={"type": "string"}), "'allOf' must be a list"),
        (schema(oneOf=["a"]), "'oneOf' must be a list of mappings"),
        (schema(type="file"), "there is no type 'file'"),
        (schema(**{"$ref": "#/components/schemas/A"}), "leads round in a circle"),
        (schema(allOf=[{"$ref": "#/components/schemas/A"}], properties={"a": {}}), "allOf contains itself"),
    ],
)
def test_an_odd_document_is_refused_in_one_line(tmp_path, capsys, document, message):
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document, indent=1))
    assert main(arguments(path, tmp_path / "out")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}:")
    assert message in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("scheme", [{"in": "header"}, {"name": "key", "in": "body"}])
def test_an_api_key_needs_its_name_and_place(tmp_path, capsys, scheme):
    path = tmp_path / "api.json"
    path.write_text(json.dumps({**operation(), "components": {"securitySchemes": {"a": {"type": "apiKey", **scheme}}}}))
    assert main(arguments(path, tmp_path / "out")) == 2
    assert "an API key has a name, and stands in header, query or cookie" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "\x00", "- 1\n", "text\n", "a: &a {b: *a}\n", "a: 1\na: 2\n"])
def test_what_is_no_document_is_refused_with_its_file(tmp_path, text):
    path = tmp_path / "api.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=f"^{path}:[12]: "):
        read_documents(path)


def test_a_path_in_a_circle_of_files_is_left_out_alone(tmp_path, capsys):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("openapi: 3.1.0\npaths:\n  /round: {$ref: 'two.yaml#/x'}\n  /a: {get: {responses: {}}}\n")
    two.write_text("x: {$ref: 'one.yaml#/paths/~1round'}\n")
    assert main(arguments(one, tmp_path / "out", "--skip-unsupported")) == 0
    assert capsys.readouterr().err.splitlines() == [
        "Left out 1 operations:",
        f"  /round: {one}:3: $ref 'two.yaml#/x' leads round in a circle",
    ]


def test_a_folder_without_operations_is_refused(tmp_path):
    with pytest.raises(SpecError, match="no file of this folder has paths"):
        read_documents(tmp_path)


def test_another_folder_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "small_api").mkdir()
    (tmp_path / "small_api" / "mine.py").write_text("")
    with pytest.raises(SystemExit):
        main(arguments(REFUSED, tmp_path, "--skip-unsupported"))
    assert "holds something else" in capsys.readouterr().err


def test_files_beside_the_generated_ones_stay(tmp_path):
    package = tmp_path / "small_api"
    assert main(arguments(DOCUMENTS / "pets.yaml", tmp_path)) == 0
    (package / "operations" / "mine.py").write_text("MINE = 1\n")
    (package / ".keep").write_text("")
    assert main(arguments(DOCUMENTS / "places.yaml", tmp_path)) == 0
    assert (package / "operations" / "mine.py").read_text() == "MINE = 1\n"
    assert (package / ".keep").exists()
    assert main(arguments(DOCUMENTS / "places.yaml", tmp_path / "new")) == 0
    mine = {"not generated: operations/mine.py", "not generated: .keep"}
    assert set(differences(tmp_path / "new" / "small_api", package)) == mine


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--package", "a"], "need SPEC"),
        (["--skip-unsupported"], "need SPEC"),
        ([str(REFUSED)], "needs --package"),
        ([str(REFUSED), "--package", "a"], "and --out"),
        ([str(REFUSED), "--package", "1a", "--out", "o"], "a name in Python"),
        ([str(REFUSED), "--package", "json", "--out", "o"], "choose another --package"),
        ([str(REFUSED), "--package", "attrs", "--out", "o"], "choose another --package"),
        ([str(REFUSED), "--package", "a", "--out", "o", "--check"], "--check is for"),
        ([str(REFUSED), "--package", "a", "--out", str(REFUSED)], "is no folder"),
        (["lost.yaml", "--package", "a", "--out", "o"], "no such file"),
    ],
)
def test_wrong_arguments_exit_with_2(tmp_path, monkeypatch, capsys, given, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(given)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not VENDOR.exists(), reason=f"there is no {VENDOR}; HUB_TYPED_VENDOR names another file")
def test_the_vendors_document_of_the_hub_is_generated_whole(tmp_path, capsys):
    document = json.loads(VENDOR.read_text(encoding="utf-8"))
    operations = sum(method not in ("parameters", "servers") for item in document["paths"].values() for method in item)
    assert main(arguments(VENDOR, tmp_path)) == 0
    assert capsys.readouterr() == ("", "")
    modules = [ast.parse(path.read_text()) for path in (tmp_path / "small_api" / "operations").glob("*.py")]
    functions = [node for module in modules for node in module.body if isinstance(node, ast.FunctionDef)]
    assert sum(not function.name.startswith("_") for function in functions) == operations > 100
