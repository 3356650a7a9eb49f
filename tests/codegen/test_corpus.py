"""Captured answers against the spec: what is found wrong in small ones, and nothing in the real ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from codegen.checks.corpus import Captured, Checker, check, lost, main
from codegen.spec.document import load

ROOT = Path(__file__).parent.parent.parent
REAL = Path(os.environ.get("HUB_TYPED_CORPUS") or ROOT.parent / "shared" / "corpus")
REFS = {"branches": [], "converts": [], "tags": [{"name": "v1", "ref": "refs/tags/v1", "targetCommit": "c0ffee"}]}
TASK = {
    "id": "t",
    "label": "T",
    "summary": "",
    "demo": {},
    **{name: [] for name in ("widgetModels", "libraries", "models", "datasets", "spaces", "metrics")},
}


@pytest.fixture(scope="module")
def checker():
    return Checker(load(ROOT / "spec"), json.loads((ROOT / "generated" / "openapi.json").read_text()))


def answer(endpoint, body, status=200, media_type="application/json"):
    return {"endpoint": endpoint, "status": status, "headers": {"Content-Type": media_type}, "body": body}


def found(checker, tmp_path, content):
    (tmp_path / "one.json").write_text(json.dumps(content))
    return list(checker.problems(Captured.read(tmp_path / "one.json")))


@pytest.mark.parametrize(
    "content",
    [
        answer("GET /api/models/{repo_id}/refs", REFS),
        answer("GET /api/datasets/{repo_id}/refs", REFS, media_type="application/json; charset=utf-8"),
        answer("GET /api/spaces/{repo_id}/refs?include_prs=1", REFS),
        answer("GET /api/spaces/{anything}/refs", {**REFS, "new": {"kept": [1.5, None], "absent": None}}),
        answer("GET /api/models/{repo_id}/refs", {"error": "Repository not found"}, status=404),
        answer("GET /api/models/{repo_id}/tree/{revision}", []),
        answer(
            "GET /api/models/{repo_id}/tree/{revision}/{path}",
            [{"type": "directory", "path": "a", "oid": "1"}, {"type": "link", "path": "b", "to": "a"}],
        ),
        answer("GET /{repo_id}/resolve/{revision}/{path}", "Entry not found", status=404, media_type="text/plain"),
        answer("GET /datasets/{repo_id}/resolve/{revision}/{path}", None),
        answer("HEAD /spaces/{repo_id}/resolve/{revision}/{path}", None),
        answer("GET /api/models/{repo_id}/auth-check", "OK", media_type="text/plain"),
        answer("POST /api/models/{repo_id}/user-access-request/handle", {}),
        answer("GET /api/tasks", {"t": TASK}),
        {"endpoint": "GET /api/tasks", "status": None, "headers": None, "body": {}},
        {
            "endpoint": "WEBHOOK payload (delivered to the receiver)",
            "status": None,
            "headers": None,
            "body": {
                "event": {"action": "update", "scope": "repo.content"},
                "repo": {
                    "type": "model",
                    "name": "ann/m",
                    "id": "1",
                    "private": False,
                    "url": {"web": "https://hub.test/ann/m"},
                    "owner": {"id": "2"},
                },
                "updatedRefs": [{"ref": "refs/heads/x", "oldSha": None, "newSha": "c0ffee"}],
                "webhook": {"id": "3", "version": 3},
            },
        },
    ],
    ids=lambda content: f"{content['endpoint']} {content['status']}",
)
def test_what_the_hub_may_say_passes(checker, tmp_path, content):
    assert found(checker, tmp_path, content) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (answer("GET /api/nothing", {}), "the spec has no operation 'GET /api/nothing'"),
        (answer("GET /api/model/{repo_id}/refs", REFS), "the spec has no operation 'GET /api/model/{repo_id}/refs'"),
        (answer("GET /api/tasks", {}, status=418), "models.list_tasks has no status 418"),
        (
            answer("GET /api/tasks", "Hello", media_type="text/html"),
            "it came as text/html, and the spec says application/json",
        ),
        (answer("GET /api/tasks", None), "$: None is not of type 'object'"),
        (answer("GET /api/tasks", {"t": {**TASK, "label": 1}}), "$.t.label: 1 is not of type 'string'"),
        (
            answer("GET /api/models/{repo_id}/refs", {**REFS, "tags": [{"name": "v1", "ref": "refs/tags/v1"}]}),
            "$.tags[0]: 'targetCommit' is a required property",
        ),
        (
            answer("GET /api/models/{repo_id}/tree/{revision}", [{"type": "file", "path": "a", "oid": "1"}]),
            "$[0]: 'size' is a required property",
        ),
        (
            answer("GET /api/models", [{"id": "ann/m", "createdAt": "yesterday"}]),
            "$[0].createdAt: the generated code does not accept 'yesterday'",
        ),
        (answer("DELETE /api/repos/delete", {"ok": True}, media_type="text/plain"), "$: this is no text"),
        (answer("GET /api/models/{repo_id}/auth-check", {"ok": True}), "$: of this body the spec says nothing"),
        ({"endpoint": "WEBHOOK payload", "body": {"repo": {}}}, "$: 'event' is a required property"),
    ],
    ids=lambda value: value["endpoint"] if isinstance(value, dict) else value,
)
def test_what_it_may_not_say_is_found_where_it_stands(checker, tmp_path, content, problem):
    assert problem in found(checker, tmp_path, content)


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ({"a": 1, "b": None}, {"a": 1}, None),
        ({"a": 1}, {"a": 1, "b": None}, None),
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": "2024-05-01T10:00:00Z"}, {"a": "2024-05-01T10:00:00.000Z"}, None),
        ({"a": "2024-05-01T10:00:00.123456789Z"}, {"a": "2024-05-01T10:00:00.123456Z"}, None),
        ({"a": [{"b": 1}, {"c-d": 2}]}, {"a": [{"b": 1}, {}]}, "$.a[1]['c-d']: it is lost"),
        ({}, {"a": []}, "$.a: it is invented"),
        ({"a": []}, {}, "$.a: it is lost"),
        ({"a": False}, {}, "$.a: it is lost"),
        ({"a": [1, 2]}, {"a": [1]}, "$.a: 2 items became 1"),
        ({"a": True}, {"a": 1}, "$.a: True became 1"),
        ({"a": 0}, {"a": False}, "$.a: 0 became False"),
        ({"a": {}}, {"a": []}, "$.a: {} became []"),
        ({"a": "1"}, {"a": 1}, "$.a: '1' became 1"),
        ({"a": "2024-05-01T10:00:00.123Z"}, {"a": "2024-05-01T10:00:00Z"}, "$.a: "),
        (None, {}, "$: None became {}"),
    ],
)
def test_only_null_and_absent_are_the_same(before, after, where):
    differences = list(lost(before, after))
    assert len(differences) == (where is not None)
    assert all(difference.startswith(where) for difference in differences)


@pytest.fixture
def corpus(tmp_path):
    """A folder with an answer that passes, one that does not, and one that is no answer."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "good.json").write_text(json.dumps(answer("GET /api/models/{repo_id}/refs", REFS)))
    (folder / "cut.json").write_text(json.dumps(answer("GET /api/models/{repo_id}/refs", {"tags": [], "branches": []})))
    (folder / "no.json").write_text("[]")
    (folder / "INDEX.md").write_text("# Not an answer")
    return folder


def test_each_failure_is_told_and_the_last_line_counts(checker, corpus, capsys):
    assert not check(corpus, checker, {})
    assert capsys.readouterr().out.splitlines() == [
        "cut.json: $: 'converts' is a required property",
        "no.json: this is no captured answer: AttributeError: 'list' object has no attribute 'get'",
        "corpus: 1 of 3 answers validate and round-trip (0 excepted)",
    ]


def test_what_is_excepted_may_fail_and_must(checker, corpus, capsys):
    assert check(corpus, checker, {"cut.json": "cut", "no.json": "broken", "of-another-folder.json": "elsewhere"})
    assert capsys.readouterr().out == "corpus: 1 of 3 answers validate and round-trip (2 excepted)\n"
    assert not check(corpus, checker, {"cut.json": "cut", "no.json": "broken", "good.json": "cut"})
    assert capsys.readouterr().out.splitlines() == [
        "good.json: it passes; take it off the exceptions",
        "corpus: 1 of 3 answers validate and round-trip (2 excepted)",
    ]


def test_an_empty_folder_proves_nothing(checker, tmp_path, capsys):
    assert not check(tmp_path, checker, {})
    assert capsys.readouterr().out == "corpus: 0 of 0 answers validate and round-trip (0 excepted)\n"


def test_the_command_tells_by_its_status(corpus, tmp_path, capsys):
    exceptions = tmp_path / "exceptions.yaml"
    exceptions.write_text("# none\n")
    assert main([str(corpus), "--exceptions", str(exceptions)]) == 1
    exceptions.write_text("cut.json: it was cut\nno.json: it is no answer\n")
    assert main([str(corpus), "--exceptions", str(exceptions)]) == 0
    exceptions.write_text("cut.json:\n")
    with pytest.raises(SystemExit, match="2"):
        main([str(corpus), "--exceptions", str(exceptions)])
    assert "excepts cut.json without a reason" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path / "missing")])
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.skipif(
    not REAL.is_dir(), reason=f"there are no captured answers in {REAL}; HUB_TYPED_CORPUS names another folder"
)
def test_the_captured_answers_of_the_hub_pass(capsys):
    status = main([str(REAL)])
    assert status == 0, capsys.readouterr().out
