"""The check that the spec has every operation of a list."""

from __future__ import annotations

import pytest

from codegen.checks.endpoints import ALIASES, main
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import read_schemas
from tests.contract.spec import SPEC

HUB = """
openapi: 3.1.0
info: {title: Hub, version: "1"}
servers: [{url: https://hub.test}]
x-hub: {areas: [things]}
"""
THINGS = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /api/{repo_type}s/{repo_id}/things:
    get:
      operationId: list_things
      summary: List things.
      parameters:
        - {name: repo_type, in: path, required: true, x-hub: {path: repo_type}, schema: {type: string}}
        - {name: repo_id, in: path, required: true, x-hub: {path: repo_id}, schema: {type: string}}
      responses: {"200": {description: Things., content: {application/json: {schema: {type: array, items: {}}}}}}
  /{repo_type}/{repo_id}/thing:
    get:
      operationId: get_thing
      summary: Get a thing.
      parameters:
        - {name: repo_type, in: path, required: true, x-hub: {path: web_type, default: model}, schema: {type: string}}
        - {name: repo_id, in: path, required: true, x-hub: {path: repo_id}, schema: {type: string}}
      responses: {"200": {description: A thing., content: {application/json: {schema: {type: object}}}}}
  /{upload_href}:
    put:
      operationId: lfs_upload
      summary: Upload.
      parameters: [{name: upload_href, in: path, required: true, x-hub: {path: url}, schema: {type: string}}]
      responses: {"200": {description: Done.}}
"""


@pytest.fixture
def check(tmp_path, capsys):
    """Checks a list of rows; gives the status and the lines that were printed."""
    (tmp_path / "hub.yaml").write_text(HUB)
    (tmp_path / "things.yaml").write_text(THINGS)

    def checked(*rows):
        lines = ["area,method,path,operation,notes", *(f'{row},"a, b"' for row in rows)]
        (tmp_path / "list.csv").write_text("\n".join(lines) + "\n")
        status = main([str(tmp_path / "list.csv"), "--spec", str(tmp_path)])
        return status, capsys.readouterr().out.splitlines()

    return checked


def test_operations_are_found_by_method_and_path_whatever_the_names_in_it(check):
    status, lines = check(
        "things,GET,/{repo_type_prefix}{repo_id}/thing,read_thing", "lfs,PUT,{lfs_part_href},lfs_upload_part"
    )
    assert (status, lines) == (0, ["endpoints: 2 listed, 3 in the spec, 0 faults"])


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("things,POST,/{repo_type_prefix}{repo_id}/thing,make_thing", "the spec has no such operation"),
        ("things,GET,{thing_url},get_thing_there", "the spec has no such operation"),
        (
            "things,GET,/api/{repo_type_plural}/{repo_id}/things,list_things",
            "the response of things.list_things has no schema",
        ),
        ("legacy,GET,/{repo_type_prefix}{repo_id}/thing,get_thing", "things.get_thing is not deprecated"),
    ],
)
def test_what_is_lacking_or_has_no_schema_or_is_not_deprecated_is_a_fault(check, row, fault):
    area, method, path, name = row.split(",")
    status, (line, last) = check(row)
    assert (status, line) == (1, f"{method} {path} ({name}, area {area}): {fault}")
    assert last == "endpoints: 1 listed, 3 in the spec, 1 faults"


def test_a_list_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SystemExit):
        main([str(tmp_path / "nowhere.csv")])


def test_every_alias_stands_for_an_operation_of_the_spec():
    operations = read_operations(SPEC, read_schemas(SPEC))
    assert set(ALIASES.values()) <= {operation.name for found in operations.values() for operation in found}
