"""How the spec is held against a document of the vendor, shown on documents of a few lines."""

from __future__ import annotations

import json
import textwrap

import pytest

from codegen.checks.rules import Rule, RuleError, read_rules
from codegen.checks.vendor import RULES, WORDS, Finding, compare, main

TEXT = {"type": "string"}
MAYBE = {"anyOf": [TEXT, {"type": "null"}]}
WHOLE = {"type": "integer"}
ITEM = {"$ref": "#/components/schemas/Item"}


def answer(schema, media_type="application/json"):
    return {"200": {"description": "", "content": {media_type: {"schema": schema}}}}


def operation(name="read", parameters=(), responses=None, body=None, tags=("things",)):
    node = {"operationId": name, "tags": list(tags), "parameters": list(parameters), "responses": responses or {}}
    return {**node, "requestBody": {"content": body}} if body else node


def document(node, path="/things/{id}", method="get", **schemas):
    return {"paths": {path: {method: node}}, "components": {"schemas": schemas}}


def members(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


def query(name, schema, required=False):
    return {"name": name, "in": "query", "required": required, "schema": schema}


def differences(ours, vendor):
    """What is not the same, as lines without the file."""
    found = map(str, compare(ours, vendor, []).differences.unexplained)
    return [line.removeprefix("spec/things.yaml: ") for line in found]


def of_answers(ours, vendor, **schemas):
    """The differences of two answers."""
    return differences(
        document(operation(responses=answer(ours)), **schemas), document(operation(responses=answer(vendor)))
    )


def test_equal_documents_have_no_difference_and_each_place_is_counted():
    item = members(
        ["id"], id=TEXT, tags={"type": "array", "items": TEXT}, by={"type": "object", "additionalProperties": WHOLE}
    )
    node = operation(
        parameters=[query("limit", WHOLE)], responses=answer(item), body={"application/json": {"schema": item}}
    )
    report = compare(document(node), document(node), [])
    assert [f.place for f in report.same] == sorted(
        ["query.limit"]
        + [f"{where}{place}" for where in ("200", "body") for place in ("", ".by", ".by{}", ".id", ".tags", ".tags[]")]
    )
    assert str(report) == "vendor-diff: 13 same, 0 explained, 0 unexplained, 0 lacking"


def test_named_schemas_and_inlined_ones_are_the_same():
    ours = document(operation(responses=answer({"type": "array", "items": ITEM})), Item=members(["id"], id=TEXT))
    vendor = document(operation(responses=answer({"type": "array", "items": members(["id"], id=TEXT)})))
    report = compare(ours, vendor, [])
    assert not report.differences.unexplained
    assert [(f.place, f.schema) for f in report.same] == [("200", ""), ("200[]", ""), ("200[].id", "Item.id")]


@pytest.mark.parametrize(
    ("ours", "vendor", "expected"),
    [
        (members(a=TEXT), members(a=TEXT, b=TEXT), "200.b: the vendor has it (optional string), we do not"),
        (members(["b"], a=TEXT, b=WHOLE), members(a=TEXT), "200.b: we have it (required integer), the vendor does not"),
        (members(a=WHOLE), members(a={"type": "number"}), "200.a: it is integer here and number there"),
        (members(a=TEXT), members(a={"type": ["string", "null"]}), "200.a: it is string here and null or string there"),
        (
            members(a=TEXT),
            members(a=MAYBE),
            "200.a: it is string here and null or string there",
        ),
        (members(a=TEXT), members(a={}), "200.a: it is string here and anything there"),
        (
            members(a={"type": "string", "format": "date-time"}),
            members(a=TEXT),
            "200.a: it is date-time here and string there",
        ),
        (members(a=TEXT), members(["a"], a=TEXT), "200.a: it is optional here and required there"),
        (
            members(a={"anyOf": [{"type": "string", "enum": ["x", "y"]}, TEXT]}),
            members(a={"type": "string", "enum": ["y", "z"]}),
            "200.a: only we name x; only the vendor names z",
        ),
        (
            members(a={"const": "x"}),
            members(a={"type": "string"}),
            "200.a: only we name x; only the vendor names -",
        ),
        (members(a={"type": "object"}), members(a=members(b=TEXT)), "200.a: its members are - here and b there"),
        (
            members(a={"type": "array", "items": TEXT}),
            members(a={"type": "array", "items": WHOLE}),
            "200.a[]: it is string here and integer there",
        ),
        (
            {"type": "object", "additionalProperties": TEXT},
            {"type": "object", "additionalProperties": WHOLE},
            "200{}: it is string here and integer there",
        ),
    ],
)
def test_a_difference_of_answers_is_told_in_a_line(ours, vendor, expected):
    assert of_answers(ours, vendor) == [f"read: {expected}"]


def test_formats_that_only_say_how_a_text_looks_do_not_count():
    assert not of_answers(members(a=TEXT), members(a={"type": "string", "format": "uri", "minLength": 24}))


def test_alternatives_count_together():
    first, second = members(["a", "b"], a=TEXT, b=TEXT), members(["a", "c"], a=TEXT, c=WHOLE)
    together = members(["a"], a=TEXT, b=TEXT, c=WHOLE)
    assert not of_answers(together, {"anyOf": [first, second]})
    assert not of_answers({"oneOf": [ITEM, second]}, together, Item=first)
    parts = {"allOf": [members(["a"], a=TEXT), members(["b"], b=TEXT)]}
    assert not of_answers(parts, members(["a", "b"], a=TEXT, b=TEXT))


def test_a_schema_that_holds_itself_ends_with_what_the_vendor_says():
    tree = members(name=TEXT, below={"type": "array", "items": ITEM})
    inlined = members(name=TEXT, below={"type": "array", "items": members(name=WHOLE)})
    assert of_answers(ITEM, inlined, Item=tree) == [
        "read: 200.below[].below (Item.below): we have it (optional array), the vendor does not",
        "read: 200.below[].name (Item.name): it is string here and integer there",
    ]


def test_parameters_bodies_and_statuses_are_compared():
    ours = operation(
        parameters=[query("limit", WHOLE), query("full", {"type": "boolean"})],
        responses={**answer(TEXT, "text/plain"), "404": {"description": ""}},
        body={"application/x-www-form-urlencoded": {"schema": members(["a"], a=TEXT)}},
    )
    vendor = operation(
        parameters=[query("limit", WHOLE, required=True), query("cursor", TEXT), {**query("id", TEXT), "in": "path"}],
        responses={**answer(TEXT), "207": {"description": ""}},
        body={"application/json": {"schema": members(a=TEXT)}},
    )
    assert differences(document(ours), document(vendor)) == [
        "read: 200: it is text/plain here and application/json there",
        "read: 207: the vendor has it (an answer), we do not",
        "read: 404: we have it (an answer), the vendor does not",
        "read: body: it is application/x-www-form-urlencoded here and application/json there",
        "read: body.a: it is required here and optional there",
        "read: query.cursor: the vendor has it (optional string), we do not",
        "read: query.full: we have it (optional boolean), the vendor does not",
        "read: query.limit: it is optional here and required there",
    ]


def test_a_body_on_one_side_alone_is_a_difference():
    with_body = document(operation(body={"application/json": {"schema": members(a=TEXT)}}))
    assert differences(with_body, document(operation())) == [
        "read: body: we have it (required object), the vendor does not"
    ]
    assert differences(document(operation()), with_body) == [
        "read: body: the vendor has it (required object with a), we do not"
    ]


def test_paths_are_the_same_whatever_their_places_are_called():
    vendor = document(operation(), path="/things/{slug}-{thingId}")
    assert not compare(document(operation()), vendor, []).lacking
    assert compare(document(operation()), document(operation(), method="post"), []).lacking == {
        "make spec/things.yaml with it, and list it in spec/hub.yaml": ["POST /things/{id}"]
    }


def test_a_place_of_few_values_is_spelt_out():
    kind = {"name": "kind", "in": "path", "required": True, "schema": {"enum": ["cats", "dogs", "newts"]}}
    node = operation(parameters=[kind, query("limit", WHOLE)])
    ours = {
        "paths": {
            f"/{animal}/{{name}}": {"get": operation(f"read__{animal}", [query("limit", TEXT)])}
            for animal in ("cats", "dogs")
        }
    }
    report = compare(ours, document(node, path="/{kind}/{name}"), [])
    assert report.lacking == {"add it to spec/things.yaml": ["GET /{kind}/{name} (newts)"]}
    assert [str(finding) for finding in report.differences.unexplained] == [
        "spec/things.yaml: read: query.limit: it is string here and integer there"
    ]


def test_an_operation_that_became_deprecated_is_told():
    old, current = operation() | {"deprecated": True}, operation()
    told = "read: deprecated: the operation is {} here and {} there"
    assert differences(document(current), document(old)) == [told.format("current", "deprecated")]
    assert differences(document(old), document(current)) == [told.format("deprecated", "current")]
    assert not differences(document(old), document(old))
    lacking = compare(document(current), document(old, method="put"), []).lacking
    assert [*lacking.values()] == [["PUT /things/{id} (deprecated)"]]


def test_an_operation_of_which_no_path_is_known_is_lacking_as_a_whole():
    kind = {"name": "kind", "in": "path", "schema": {"enum": ["cats", "dogs"]}}
    report = compare({"paths": {}}, document(operation(parameters=[kind], tags=()), path="/{kind}"), [])
    assert list(report.lacking.values()) == [["GET /{kind}"]]
    assert str(report).splitlines() == [
        "lacking: GET /{kind}: add it to the file of its subject in spec/",
        "vendor-diff: 0 same, 0 explained, 0 unexplained, 1 lacking",
    ]


def test_a_newer_document_gives_a_list_to_work_off():
    """Five operations are new; a member is new, one has another type, one is gone, one has a new value."""
    item = members(
        ["id"],
        id=TEXT,
        size=WHOLE,
        color={"anyOf": [{"type": "string", "enum": ["red"]}, TEXT]},
        weight={"type": "number"},
    )
    ours = document(operation(responses=answer(ITEM), tags=["small_things"]), Item=item)
    newer = members(
        ["id"],
        id=TEXT,
        size=TEXT,
        color={"type": "string", "enum": ["red", "blue"]},
        owner=members(name=TEXT, role={"type": "string", "enum": ["admin"]}),
    )
    vendor = {"paths": {"/things/{id}": {"get": operation(responses=answer(newer))}}}
    for number in range(4):
        vendor["paths"][f"/things/{{id}}/part{number}"] = {"post": operation()}
    vendor["paths"]["/animals"] = {"get": operation(tags=["wild-animals"])}
    report = compare(ours, vendor, [Rule("Counts.", {"schema": ("Item.id",), "vendor": ("number",)})])
    assert str(report).splitlines() == [
        *(f"lacking: POST /things/{{id}}/part{number}: add it to spec/small_things.yaml" for number in range(4)),
        "lacking: GET /animals: make spec/wild_animals.yaml with it, and list it in spec/hub.yaml",
        "explains nothing: Counts.",
        "unexplained: spec/small_things.yaml: read: 200.color (Item.color): only we name -; only the vendor names blue",
        (
            "unexplained: spec/small_things.yaml: read: 200.owner (Item.owner):"
            " the vendor has it (optional object with name, role), we do not"
        ),
        "unexplained: spec/small_things.yaml: read: 200.size (Item.size): it is integer here and string there",
        (
            "unexplained: spec/small_things.yaml: read: 200.weight (Item.weight):"
            " we have it (optional number), the vendor does not"
        ),
        "vendor-diff: 2 same, 0 explained, 4 unexplained, 5 lacking",
    ]


def test_a_pattern_of_a_rule_that_fits_nothing_is_stale():
    ours = document(operation(responses=answer(members(a=WHOLE))))
    vendor = document(operation(responses=answer(members(a={"type": "number"}))))
    rules = [Rule("counts", {"kind": ("type",), "place": ("200.a", "200.b")})]
    assert compare(ours, vendor, rules).differences.stale == ["counts (place: 200.b)"]


FINDING = Finding("things", "read", "200[].a", "Item.a", "type", "integer", "number")


@pytest.mark.parametrize(
    ("patterns", "fits"),
    [
        ({"operation": ("read",)}, True),
        ({"operation": ("rea",)}, False),
        ({"place": ("200[]*",), "kind": ("type",)}, True),
        ({"place": ("200[]*",), "kind": ("values",)}, False),
        ({"place": ("2*.a",)}, True),
        ({"place": ("2?0*",)}, False),
        ({"schema": ("Item.*", "Other.*")}, True),
        ({"schema": ("Other.*",)}, False),
        ({"ours": ("integer",), "vendor": ("number",)}, True),
        ({"ours": ("integer",), "vendor": ("string",)}, False),
    ],
)
def test_a_rule_fits_where_all_its_patterns_do(patterns, fits):
    assert Rule("because", patterns).fits(FINDING) is fits


def test_the_first_rule_that_fits_explains_and_the_others_are_stale():
    ours = document(operation(responses=answer(members(a=WHOLE, b=WHOLE))))
    vendor = document(operation(responses=answer(members(a={"type": "number"}, b=TEXT))))
    rules = [
        Rule("counts", {"kind": ("type",), "vendor": ("number",)}),
        Rule("counts once more", {"place": ("200.a",)}),
        Rule("elsewhere", {"operation": ("write",)}),
    ]
    report = compare(ours, vendor, rules)
    assert {reason: [f.place for f in found] for reason, found in report.differences.explained.items()} == {
        "counts": ["200.a"]
    }
    assert [f.place for f in report.differences.unexplained] == ["200.b"]
    assert report.differences.stale == ["counts once more", "elsewhere"]
    assert str(report).splitlines() == [
        "explains nothing: counts once more",
        "explains nothing: elsewhere",
        "unexplained: spec/things.yaml: read: 200.b: it is integer here and string there",
        "vendor-diff: 1 same, 1 explained, 1 unexplained, 0 lacking",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "- {kind: type}",
        "- {reason: because}",
        "- {reason: '', kind: type}",
        "- {reason: because, wherever: x}",
    ],
)
def test_a_rule_without_reason_or_pattern_or_of_unknown_words_is_refused(rule, tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(f"- {{reason: because, kind: [type, values]}}\n{rule}\n")
    with pytest.raises(RuleError, match=r"rules\.yaml: rule 2: a rule has a reason"):
        read_rules(path, WORDS)


def test_the_rules_of_the_repository_can_be_read():
    assert all(rule.reason and set(rule.patterns) <= set(WORDS) for rule in read_rules(RULES, WORDS))


@pytest.fixture
def run(tmp_path, capsys):
    """Runs the program on two documents and a text of rules; gives the status and what was printed."""

    def program(ours, vendor, rules, *options):
        for name, node in (("ours.json", ours), ("vendor.yaml", vendor)):
            (tmp_path / name).write_text(json.dumps(node))
        (tmp_path / "rules.yaml").write_text(textwrap.dedent(rules))
        paths = ["vendor.yaml", "--document", "ours.json", "--rules", "rules.yaml"]
        status = main([*(word if word[0] == "-" else str(tmp_path / word) for word in paths), *options])
        return status, capsys.readouterr()

    return program


OURS = document(operation(responses=answer(members(a=WHOLE))))
VENDOR = document(operation(responses=answer(members(a={"type": "number"}))))


def test_the_program_fails_on_what_has_no_reason(run):
    status, printed = run(OURS, VENDOR, "")
    assert status == 1
    assert printed.out.splitlines()[-1] == "vendor-diff: 1 same, 0 explained, 1 unexplained, 0 lacking"


def test_the_program_succeeds_where_all_is_explained(run):
    rules = """
    - reason: These are counts.
      kind: type
    """
    assert run(OURS, VENDOR, rules)[0] == 0
    status, printed = run(OURS, VENDOR, rules, "--explained")
    assert status == 0
    assert printed.out.splitlines() == [
        "These are counts. (1)",
        "  spec/things.yaml: read: 200.a: it is integer here and number there",
        "vendor-diff: 1 same, 1 explained, 0 unexplained, 0 lacking",
    ]


def test_the_program_fails_on_a_rule_that_explains_nothing(run):
    status, printed = run(OURS, OURS, "- {reason: Long ago., kind: type}")
    assert status == 1
    assert "explains nothing: Long ago." in printed.out


def test_the_program_fails_on_an_operation_that_is_lacking(run):
    status, printed = run({"paths": {}}, OURS, "")
    assert status == 1
    assert printed.out.splitlines()[0].startswith("lacking: GET /things/{id}: ")


def test_the_program_says_what_is_wrong_with_a_rule_or_a_file(run, tmp_path):
    status, printed = run(OURS, VENDOR, "- {kind: type}")
    assert status == 2
    assert "rule 1: a rule has a reason" in printed.err
    with pytest.raises(SystemExit):
        main([str(tmp_path / "nowhere.json")])
