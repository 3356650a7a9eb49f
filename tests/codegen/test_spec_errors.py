"""What is wrong in a spec is refused where it stands: each mistake is made on the line marked ``# here``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from codegen.spec.document import SpecError, load
from codegen.spec.read_operations import check_raises, read_operations
from codegen.spec.schemas import read_schemas
from codegen.spec.structure import check_structure, structure_checked

HUB = """
openapi: 3.1.0
info: {title: Things, version: "1"}
servers: [{url: "https://hub.test"}]
x-hub:
  areas: [things]
"""
THINGS = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /api/things/{name}:
    post:
      operationId: make_thing
      summary: Make a thing.
      x-hub: {retry: true}
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
        - {name: dryRun, in: query, schema: {type: boolean}}
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/NewThing"}}
      responses:
        "200":
          description: The thing.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Thing"}}
components:
  schemas:
    NewThing:
      type: object
      additionalProperties: false
      properties:
        size: {type: integer}
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string}
        parts: {type: array, items: {type: string}}
    AnyThing:
      description: Some thing.
      oneOf: [{$ref: "#/components/schemas/Thing"}]
      discriminator: {propertyName: name, mapping: {thing: "#/components/schemas/Thing"}}
    Part:
      type: object
      properties:
        title: {type: string}
"""
MORE = """
openapi: 3.1.0
info: {title: More, version: "1"}
components:
  schemas:
    More: {type: object, properties: {name: {type: string}}}
"""


class Mistake(NamedTuple):
    """What is written in place of what, and what is said of it."""

    old: str
    new: str
    message: str
    at: str = ""
    """What stands at the line that is reported, where that is not what was written."""


MISTAKES = {
    "unknown-word": Mistake("retry: true", "again: true", "x-hub has no word 'again' on a operation; it has expose,"),
    "wrong-value": Mistake("retry: true", "retry: often", "x-hub retry: 'often' is not one of True, False"),
    "wrong-type": Mistake("retry: true", "raises: HubError", "x-hub raises: 'HubError' is not a list"),
    "word-of-another-place": Mistake(
        "{type: integer}",
        "{type: integer, x-hub: {flag: '1'}}",
        "x-hub has no word 'flag' on a member; it has name, argument, pass, secret",
    ),
    "word-of-the-path": Mistake(
        "in: query,", "in: query, x-hub: {default: 'no'},", "x-hub default is for parameters of the path"
    ),
    "misspelt-member-of-a-schema": Mistake(
        "required: [name]", "requried: [name]", "OpenAPI has no 'requried' on a schema; it has type, enum,"
    ),
    "misspelt-member-of-an-inner-schema": Mistake(
        "items: {type: string}", "items: {typ: string}", "OpenAPI has no 'typ' on a schema"
    ),
    "misspelt-member-of-an-operation": Mistake(
        "summary: Make a thing.",
        "summary: Make a thing.\n      desciption: Of metal.",
        "OpenAPI has no 'desciption'",
        at="desciption:",
    ),
    "misspelt-member-of-a-parameter": Mistake(
        "in: query,", "in: query, requird: true,", "OpenAPI has no 'requird' on a parameter"
    ),
    "misspelt-member-of-a-response": Mistake(
        "description: The thing.",
        "description: The thing.\n          contents: {}",
        "OpenAPI has no 'contents'",
        at="contents:",
    ),
    "misspelt-member-of-a-document": Mistake(
        "components:", "componets: {}\ncomponents:", "OpenAPI has no 'componets' on a document", at="componets:"
    ),
    "misspelt-member-of-the-components": Mistake(
        "  schemas:\n", "  schema: {}\n  schemas:\n", "OpenAPI has no 'schema' on a components", at="  schema:"
    ),
    "misspelt-member-of-a-discriminator": Mistake(
        "mapping: {thing:", "maping: {}, mapping: {thing:", "OpenAPI has no 'maping' on a discriminator"
    ),
    "misspelt-member-of-a-header": Mistake(
        "description: The thing.",
        "description: The thing.\n          headers: {X-A: {requird: true, schema: {type: string}}}",
        "OpenAPI has no 'requird' on a header",
        at="requird",
    ),
    "misspelt-member-of-a-server": Mistake(
        "summary: Make a thing.",
        "summary: Make a thing.\n      servers: [{url: 'https://things.test', descripton: There.}]",
        "OpenAPI has no 'descripton' on a server",
        at="descripton",
    ),
    "closed-enum-in-an-answer": Mistake(
        "items: {type: string}", "items: {type: string, enum: [wheel, axle]}", "a closed enum in an answer: write anyOf"
    ),
    "closed-enum-in-an-answer-or-null": Mistake(
        "items: {type: string}",
        "items: {anyOf: [{type: string, enum: [wheel, axle]}, {type: 'null'}]}",
        "a closed enum in an answer",
    ),
    "closed-enum-beside-texts-of-one-format": Mistake(
        "items: {type: string}",
        "items: {anyOf: [{type: string, enum: [wheel]}, {type: string, format: date}]}",
        "a closed enum in an answer",
    ),
    "wrong-place": Mistake(
        'application/json: {schema: {$ref: "#/components/schemas/Thing"}}',
        'application/json: {x-hub: {name: thing}, schema: {$ref: "#/components/schemas/Thing"}}',
        "x-hub may not stand here",
    ),
    "no-python-name": Mistake(
        "{type: integer}", "{type: integer, x-hub: {name: class}}", "x-hub name: 'class' is no name in Python"
    ),
    "unknown-behaviour": Mistake(
        "required: [name]", "x-hub: {behaviour: [Flying]}", "x-hub behaviour: ['Flying'] is not among AccessRequest"
    ),
    "class-of-nothing": Mistake(
        "required: [name]",
        "required: [name]\n      x-hub: {class: Nothing}",
        "x-hub class: there is no class 'Nothing' in this file",
        at="x-hub: {class: N",
    ),
    "class-with-other-attributes": Mistake(
        "required: [name]",
        "required: [name]\n      x-hub: {class: Part}",
        "x-hub class: the attributes of 'Thing' and 'Part' differ",
        at="x-hub: {class: P",
    ),
    "view-of-nothing": Mistake(
        "    AnyThing:\n",
        "    Whole:\n      type: object\n      x-hub: {view: Nothing}\n    AnyThing:\n",
        "x-hub view: there is no class and no view 'Nothing'",
        at="x-hub: {view",
    ),
    "view-of-itself": Mistake(
        "    AnyThing:\n",
        "    Whole:\n      type: object\n      x-hub: {view: Whole}\n    AnyThing:\n",
        "x-hub view: 'Whole' extends itself",
        at="x-hub: {view",
    ),
    "view-with-properties": Mistake(
        "    AnyThing:\n",
        "    Whole:\n      x-hub: {view: Thing}\n      properties: {}\n    AnyThing:\n",
        "the view 'Whole' has the members of its class, and no properties",
        at="properties: {}",
    ),
    "view-with-an-unknown-member": Mistake(
        "    AnyThing:\n",
        "    Whole:\n      x-hub: {view: Thing}\n      required: [size]\n    AnyThing:\n",
        "the view 'Whole' names 'size', which is no optional member of 'Thing'",
        at="required: [size]",
    ),
    "view-with-a-required-member": Mistake(
        "    AnyThing:\n",
        "    Whole:\n      x-hub: {view: Thing}\n      required: [ name ]\n    AnyThing:\n",
        "the view 'Whole' names 'name', which is no optional member of 'Thing'",
        at="required: [ name ]",
    ),
    "view-of-items-that-are-no-objects": Mistake(
        "    AnyThing:\n",
        "    Whole:\n      x-hub: {view: Thing, items: {parts: Whole}}\n    AnyThing:\n",
        "x-hub items: 'Whole' is no view of the items of 'parts'",
        at="x-hub: {view",
    ),
    "no-view": Mistake("retry: true", "views: {Thing: {dryRun: true}}", "x-hub views: 'Thing' is no view of 'Thing'"),
    "view-without-arguments": Mistake(
        "retry: true", "views: {Thing: {}}", "x-hub views: 'Thing' needs the arguments with which it is returned"
    ),
    "view-by-an-unknown-parameter": Mistake(
        "retry: true", "views: {Thing: {dry: true}}", "x-hub views: there is no query parameter 'dry'"
    ),
    "view-by-a-number": Mistake(
        "retry: true", "views: {Thing: {dryRun: 1}}", "x-hub views: 'dryRun' is true, false, or a text of its list"
    ),
    "two-views-without-arguments": Mistake(
        "retry: true",
        "views: {Thing: {dryRun: false}, Part: {dryRun: false}}",
        "only one view is returned without arguments",
    ),
    "positional-that-is-no-attribute": Mistake(
        "required: [name]",
        "required: [name]\n      x-hub: {positional: [nothing]}",
        "x-hub positional: 'nothing' is no attribute",
        at="x-hub: {positional: [n",
    ),
    "optional-before-required": Mistake(
        "required: [name]",
        "required: [name]\n      x-hub: {positional: [parts, name]}",
        "an optional attribute precedes a required one",
        at="x-hub: {positional: [p",
    ),
    "reference-to-nothing": Mistake(
        "items: {type: string}",
        "items: {$ref: '#/components/schemas/Nothing'}",
        "$ref '#/components/schemas/Nothing' leads nowhere",
    ),
    "reference-to-no-file": Mistake(
        "items: {type: string}",
        "items: {$ref: 'parts.yaml#/components/schemas/Part'}",
        "there is no file 'parts.yaml' among the areas",
    ),
    "reference-in-a-circle": Mistake(
        "items: {type: string}",
        "items: {$ref: '#/components/schemas/Thing/properties/parts/items'}",
        "$ref '#/components/schemas/Thing/properties/parts/items' leads round in a circle",
    ),
    "key-twice": Mistake("summary: Make a thing.", "operationId: make_it", "'operationId' stands here twice"),
    "no-yaml": Mistake("summary: Make a thing.", "summary: Make: a thing.", "mapping values are not allowed"),
    "no-summary": Mistake(
        "summary: Make a thing.", "description: Makes it.", "the operation has no summary", at="post:"
    ),
    "no-method": Mistake("post:", "send:", "'send' is no method"),
    "no-snake-case": Mistake("make_thing", "makeThing", "'makeThing' is no name in snake case"),
    "place-without-parameter": Mistake(
        "/{name}:", "/{name}/{part}:", "the path names 'part', which is no parameter", at="operationId:"
    ),
    "parameter-without-place": Mistake(
        "/{name}:", "/:", "the path has no place for the parameter 'name'", at="parameters:"
    ),
    "parameter-in-a-cookie": Mistake("in: query", "in: cookie", "stands in path, query or header, not in 'cookie'"),
    "parameter-without-schema": Mistake(
        "in: query, schema: {type: boolean}", "in: query", "the parameter 'dryRun' has no schema"
    ),
    "parameters-of-one-name": Mistake("name: dryRun", "name: size", "two parameters become 'size'", at="operationId:"),
    "parameter-without-a-name": Mistake(
        "name: dryRun", "name: '+'", "a parameter becomes '', which is no name in Python", at="operationId:"
    ),
    "members-of-one-name": Mistake(
        "parts: {type", "NAME: {type", "'NAME' becomes 'name', which is that of 'name'; give it another x-hub name"
    ),
    "member-without-a-name": Mistake("parts: {type", "+: {type", "'+' becomes '', which is no name in Python"),
    "member-named-extra": Mistake("parts: {type", "extra: {type", "'extra', which is the place of unknown members"),
    "unknown-required-member": Mistake(
        "required: [name]", "required: [name, age]", "required names 'age', which is no member"
    ),
    "object-without-a-name": Mistake(
        "items: {type: string}",
        "items: {type: object, properties: {name: {type: string}}}",
        "an object with properties needs a name: move it to components/schemas and refer to it",
    ),
    "array-of-nothing": Mistake(
        "type: array, items: {type: string}", "type: array", "an array says what its items are"
    ),
    "unknown-type": Mistake("{type: integer}", "{type: int}", "there is no type 'int'"),
    "branches-of-one-kind": Mistake(
        "items: {type: string}",
        "items: {anyOf: [{$ref: '#/components/schemas/Thing'}, {type: object}]}",
        "these branches cannot be told apart: use a discriminator",
    ),
    "branch-that-is-a-date": Mistake(
        "items: {type: string}",
        "items: {anyOf: [{type: integer}, {type: string, format: date-time}]}",
        "a date is not one branch of several: leave out `format: date-time`, so that it is a text",
    ),
    "mapping-to-no-branch": Mistake(
        "mapping: {thing:",
        'mapping: {new: "#/components/schemas/NewThing", thing:',
        "the mapping of 'AnyThing' and its branches do not name the same schemas",
    ),
    "tag-that-is-no-member": Mistake(
        "propertyName: name", "propertyName: kind", "'Thing' has no member 'kind' to tell it by"
    ),
    "two-media-types": Mistake(
        "requestBody:\n        content:",
        "requestBody:\n        content:\n          text/plain: {schema: {type: string}}",
        "a body has one media type",
        at="text/plain:",
    ),
    "body-of-no-members": Mistake(
        '{schema: {$ref: "#/components/schemas/NewThing"}}',
        "{schema: {type: string}}",
        "a body of members is a schema with properties",
    ),
    "unknown-body": Mistake(
        'application/json: {schema: {$ref: "#/components/schemas/NewThing"}}',
        'text/csv: {schema: {$ref: "#/components/schemas/NewThing"}}',
        "the generator does not know how to write text/csv",
    ),
    "unknown-answer": Mistake(
        'application/json: {schema: {$ref: "#/components/schemas/Thing"}}',
        "text/csv: {schema: {type: string}}",
        "the generator does not know how to read text/csv",
    ),
    "answer-without-schema": Mistake(
        'application/json: {schema: {$ref: "#/components/schemas/Thing"}}',
        "application/json: {}",
        "the answer application/json has no schema",
    ),
    "no-good-answer": Mistake('"200":', '"404":', "there is no answer for the case that all went well", at='"404":'),
    "answer-of-no-status": Mistake('"200":', "2XX:", "'2XX' is no status", at="2XX:"),
    "lines-without-a-name": Mistake(
        'application/json: {schema: {$ref: "#/components/schemas/NewThing"}}',
        "application/x-ndjson: {schema: {type: object}}",
        "the schema of a line needs a name: it is one of components/schemas",
    ),
    "header-of-numbers": Mistake(
        "in: query, schema: {type: boolean}",
        "in: header, schema: {type: array, items: {type: string}}",
        "a header is text; give 'dryRun' the type string",
    ),
    "pages-of-no-list": Mistake("retry: true", "paginate: link", "only an array can be paginated"),
    "pages-that-may-have-no-list": Mistake(
        "retry: true", "paginate: {by: page, parameter: dryRun, items: parts}", "'parts' cannot be read"
    ),
}
WRONG_STRUCTURES = {
    "list-for-a-mapping": Mistake("{type: integer}", "[integer]", "is not of type 'object'"),
    "text-for-a-mapping": Mistake(
        "- {name: dryRun, in: query, schema: {type: boolean}}", "- dryRun", "", "parameters:"
    ),
    "nothing-for-a-mapping": Mistake("size: {type: integer}", "size:", "None is not of type 'object'"),
    "list-for-a-text": Mistake("summary: Make a thing.", "summary: [Make, a, thing]", "is not of type 'string'"),
    "number-for-a-text": Mistake("name: dryRun", "name: 5", "5 is not of type 'string'"),
    "mapping-for-a-list": Mistake("required: [name]", "required: {name: true}", "is not of type 'array'"),
    "text-for-a-list": Mistake("{type: integer}", "{enum: large}", "'large' is not of type 'array'"),
}


@pytest.fixture
def folder(tmp_path):
    """A folder with a spec that has no mistake."""
    (tmp_path / "hub.yaml").write_text(HUB)
    (tmp_path / "things.yaml").write_text(THINGS)
    return tmp_path


def read(folder: Path) -> None:
    """All that is read before anything is written."""
    with structure_checked(folder):
        spec = load(folder)
        read_operations(spec, read_schemas(spec))


def refused(folder: Path, file: str, mark: str, message: str, by: Callable[[Path], None] = read) -> None:
    """The spec is refused at the line of a file that holds a text."""
    lines = (folder / file).read_text().splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if mark in text]
    with pytest.raises(SpecError) as caught:
        by(folder)
    assert str(caught.value).startswith(f"{folder / file}:{line}: ")
    assert message in str(caught.value)


def test_without_a_mistake_nothing_is_refused(folder):
    read(folder)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_where_it_stands(folder, name):
    old, new, message, at = MISTAKES[name]
    assert THINGS.count(old) == 1
    (folder / "things.yaml").write_text(THINGS.replace(old, new))
    refused(folder, "things.yaml", at or new, message)


@pytest.mark.parametrize("name", WRONG_STRUCTURES)
def test_what_is_no_openapi_is_refused_where_it_stands(folder, name):
    old, new, message, at = WRONG_STRUCTURES[name]
    assert THINGS.count(old) == 1
    (folder / "things.yaml").write_text(THINGS.replace(old, new))
    refused(folder, "things.yaml", at or new, message, by=check_structure)


def test_a_structure_that_the_generator_stumbles_over_is_refused_as_well(folder):
    (folder / "things.yaml").write_text(THINGS.replace("{type: integer}", "[integer]"))
    refused(folder, "things.yaml", "[integer]", "this is no OpenAPI")


def test_an_error_of_the_generator_itself_stays_what_it_is(folder):
    with pytest.raises(KeyError, match="ours"), structure_checked(folder):
        raise KeyError("ours")


def with_more(folder: Path, more: str = MORE) -> None:
    (folder / "hub.yaml").write_text(HUB.replace("[things]", "[things, more]"))
    (folder / "more.yaml").write_text(more)


def test_an_area_refers_to_no_later_area(folder):
    with_more(folder)
    there = "items: {$ref: 'more.yaml#/components/schemas/More'}"
    (folder / "things.yaml").write_text(THINGS.replace("items: {type: string}", there))
    refused(folder, "things.yaml", there, "an area refers only to itself and to those listed before it")


def test_an_area_refers_to_an_earlier_area(folder):
    with_more(folder, MORE.replace("{type: string}", "{$ref: 'things.yaml#/components/schemas/Thing'}"))
    read(folder)


def test_a_schema_has_one_place(folder):
    with_more(folder, MORE.replace("More:", "Thing:"))
    refused(folder, "more.yaml", "Thing:", "schema 'Thing' is there twice, first in things.yaml")


def test_an_operation_has_one_place(folder):
    with_more(
        folder, THINGS[: THINGS.index("      parameters:")].replace("/{name}", "") + "      responses: {'204': {}}"
    )
    refused(folder, "more.yaml", "operationId:", "operationId 'make_thing' is used twice, first in things.yaml")


def test_paths_differ_in_more_than_the_names_of_their_places(folder):
    other = THINGS.replace("{name}", "{title}").replace("{name: name", "{name: title")
    with_more(folder, other.replace("make_thing", "make_other"))
    refused(folder, "more.yaml", "/{title}:", "differ in the names of their places alone")


OPEN_ENUMS = {
    "open": ("items: {type: string}", "items: {anyOf: [{type: string, enum: [wheel]}, {type: string}]}"),
    "of-a-body": ("{type: integer}", "{type: string, enum: [small, large]}"),
    "of-a-parameter": ("schema: {type: boolean}", "schema: {type: string, enum: [small, large]}"),
    "that-tells-branches-apart": ("name: {type: string}", "name: {type: string, enum: [thing]}"),
}


@pytest.mark.parametrize("name", OPEN_ENUMS)
def test_an_enum_is_accepted_where_no_answer_can_have_another_value(folder, name):
    old, new = OPEN_ENUMS[name]
    assert THINGS.count(old) == 1
    (folder / "things.yaml").write_text(THINGS.replace(old, new))
    read(folder)


def test_a_schema_of_no_operation_is_received_as_payloads_are(folder):
    with_more(folder, MORE.replace("{type: string}", "{type: string, enum: [wheel]}"))
    refused(folder, "more.yaml", "enum: [wheel]", "a closed enum in an answer")


def test_operations_raise_errors_of_the_library(folder):
    (folder / "things.yaml").write_text(THINGS.replace("retry: true", "raises: [HubError, BogusError]"))
    message = "x-hub raises: the library has no error 'BogusError'"
    refused(folder, "things.yaml", "BogusError", message, lambda spec: check_raises(load(spec), ["HubError"]))


def test_every_area_has_a_file(folder):
    (folder / "hub.yaml").write_text(HUB.replace("[things]", "[things, ghosts]"))
    refused(folder, "hub.yaml", "x-hub:", "there is no ghosts.yaml for the area 'ghosts'")


def test_every_file_is_an_area(folder):
    (folder / "stray.yaml").write_text("openapi: 3.1.0")
    refused(folder, "stray.yaml", "openapi:", "this file is not among the areas of hub.yaml")


def test_the_hub_lists_its_areas(folder):
    (folder / "hub.yaml").write_text(HUB.strip().replace("areas: [things]", "areas: []"))
    refused(folder, "hub.yaml", "openapi:", "x-hub must list the areas")


@pytest.mark.parametrize("text", ["", "[]", "words"])
def test_a_file_is_a_mapping(folder, text):
    (folder / "things.yaml").write_text(text)
    with pytest.raises(SpecError, match=r"things\.yaml:1: this is no mapping"):
        read(folder)


def test_a_folder_without_a_hub_is_no_spec(tmp_path):
    with pytest.raises(SpecError, match=r"hub\.yaml:1: there is no such file"):
        read(tmp_path)
