"""What a view promises is what the embedded Hub sends, what the real one was seen to send, and an error otherwise."""

from __future__ import annotations

import copy
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codegen.spec.document import load
from codegen.spec.operations import Operation
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import read_schemas
from codegen.spec.views import Narrowing, View, read_views
from hub_typed import HfApi, ModelDetail, ModelInfo, RepoSibling, operations
from hub_typed.local import LocalHub
from hub_typed_api.wire import Response

ROOT = Path(__file__).parent.parent.parent
CORPUS = Path(os.environ.get("HUB_TYPED_CORPUS") or ROOT.parent / "shared" / "corpus")
SPEC = load(ROOT / "spec")
SCHEMAS = read_schemas(SPEC)
VIEWS = read_views(SCHEMAS)
PROMISES = {
    f"{operation.name}-{narrowing.view}": (operation, narrowing)
    for found in read_operations(SPEC, SCHEMAS).values()
    for operation in found
    for narrowing in operation.narrowings
}
LFS = b"\x00\x01" * 6_000_000


def absent(found: Any, view: View, where: str = "") -> Iterator[str]:
    """Members that are promised, and are not there."""
    if view.of in VIEWS:
        yield from absent(found, VIEWS[view.of], where)
    for member in view.members:
        if getattr(found, member.name, None) is None:
            yield f"{where}{member.name}"
    for name, item_view in view.items.items():
        for item in getattr(found, name, None) or ():
            yield from absent(item, VIEWS[item_view], f"{where}{name}.")


@pytest.fixture(scope="module")
def hub() -> Iterator[tuple[HfApi, dict[str, list[str]]]]:
    """A Hub with repositories of each type, empty ones and others."""
    with LocalHub() as hub, HfApi(endpoint=hub.endpoint, token=hub.token) as api:
        names: dict[str, list[str]] = {}
        for kind in ("model", "dataset", "space"):
            sdk = {"space_sdk": "static"} if kind == "space" else {}
            empty, full = f"{hub.user}/empty-{kind}", f"{hub.user}/full-{kind}"
            api.create_repo(empty, repo_type=kind, private=True, **sdk)
            api.create_repo(full, repo_type=kind, **{**sdk, **({"space_sdk": "gradio"} if sdk else {})})
            for path, data in {"README.md": b"---\nlicense: mit\n---\nText.", "weights.bin": LFS, "none": b""}.items():
                api.upload_file(path_or_fileobj=data, path_in_repo=path, repo_id=full, repo_type=kind)
            names[kind] = [empty, full]
        yield api, names


def arguments(narrowing: Narrowing) -> dict[str, Any]:
    return {
        name: value if isinstance(value, bool) else [value]
        for name, value in narrowing.arguments.items()
        if value is not False
    }


@pytest.mark.parametrize("name", PROMISES)
def test_the_embedded_hub_keeps_what_the_spec_promises(hub, name):
    api, names = hub
    operation, narrowing = PROMISES[name]
    make = getattr(getattr(operations, operation.area), operation.name)
    given = arguments(narrowing)
    if operation.paging:
        found = [one for page in api.pages(make(**given)) for one in page.items]
    else:
        ids = names[operation.area.removesuffix("s")]
        found = [api.call(make(one, **given)) for one in ids]
    assert len(found) == 2
    assert [list(absent(one, VIEWS[narrowing.view])) for one in found] == [[], []]


def captured(operation: Operation, narrowing: Narrowing) -> Iterator[tuple[str, object]]:
    """Bodies of the corpus that answer an operation with these arguments."""
    wires = {parameter.name: parameter.wire for parameter in operation.parameters}
    for path in sorted(CORPUS.glob("*.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))
        recorded = isinstance(answer, dict) and answer.get("kind") == "recorded" and answer["status"] in (None, 200)
        if not recorded or answer["endpoint"] != f"GET {operation.template}":
            continue
        asked = {key.removesuffix("[]"): value for key, value in (answer["request"]["query"] or {}).items()}
        if all(
            value in asked.get(wires[name], ())
            if isinstance(value, str)
            else value == (asked.get(wires[name]) not in (None, "false"))
            for name, value in narrowing.arguments.items()
        ):
            yield path.name, answer["body"]


UNSEEN = {"DatasetDetailWithSizes", "SpaceDetailWithSizes"}
"""Views of which no answer was captured: the sizes are those of the same schema and parameter as for models."""


@pytest.mark.parametrize("view", sorted({narrowing.view for _, narrowing in PROMISES.values()} - UNSEEN))
def test_the_captured_answers_keep_what_the_spec_promises(view):
    if not CORPUS.exists():
        pytest.skip(f"there are no captured answers in {CORPUS}")
    found = 0
    for operation, narrowing in PROMISES.values():
        if narrowing.view != view:
            continue
        make = getattr(getattr(operations, operation.area), operation.name)
        needed = [] if operation.paging else ["owner/name"]
        for file, body in captured(operation, narrowing):
            parsed: Any = make(*needed, **arguments(narrowing)).parse(answered(body))
            for one in parsed if operation.paging else [parsed]:
                assert list(absent(one, VIEWS[view])) == [], file
                found += 1
    assert found


def answered(body: object) -> Response:
    return Response(status=200, headers={}, body=json.dumps(body).encode())


def lacking() -> ModelInfo:
    body = {"id": "owner/name", "lastModified": "soon", "likes": 3, "siblings": [{"rfilename": "a", "size": 1}]}
    return operations.models.model_info("owner/name", blobs=True).parse(answered(body))


@pytest.mark.parametrize("name", ["sha", "last_modified", "lastModified", "downloads"])
def test_reading_what_was_promised_and_not_sent_is_an_error_that_names_operation_and_member(name):
    member = "last_modified" if name == "lastModified" else name
    with pytest.raises(AttributeError) as error:
        getattr(lacking(), name)
    assert str(error.value) == (
        f"the Hub did not send a valid {member!r} of ModelInfo, which models.model_info always returns; "
        "getattr with a default does without it"
    )


def test_a_promise_about_items_is_kept_by_each_of_them():
    [sibling] = lacking().siblings or []
    assert sibling.size == 1
    with pytest.raises(AttributeError, match=r"'blob_id' of RepoSibling, which models\.model_info always returns"):
        print(sibling.blob_id)


def test_a_list_keeps_its_promise_for_each_item():
    first, second = operations.models.list_models(expand=["downloads"]).parse(
        answered([{"id": "a/b", "downloads": 3}, {"id": "a/c"}])
    )
    assert (first.downloads, first.likes, second.likes) == (3, None, None)
    with pytest.raises(AttributeError, match=r"'downloads' of ModelInfo, which models\.list_models always returns"):
        print(second.downloads)


def test_what_was_not_asked_for_is_none():
    body = {"id": "owner/name"}
    assert operations.models.model_info("owner/name", expand=["sha"]).parse(answered(body)).sha is None
    assert operations.models.list_models(expand=["tags"]).parse(answered([body]))[0].downloads is None


def test_what_lacks_a_member_is_written_copied_compared_and_shown():
    info = lacking()
    assert info.to_dict() == {
        "id": "owner/name",
        "lastModified": "soon",
        "likes": 3,
        "siblings": [{"rfilename": "a", "size": 1}],
    }
    assert info == lacking() == copy.deepcopy(info) == pickle.loads(pickle.dumps(info))
    assert info != ModelInfo(id="owner/name")
    assert repr(info).startswith("ModelInfo(id='owner/name', likes=3, siblings=[RepoSibling(rfilename='a', size=1)]")
    assert getattr(info, "sha", None) is None
    assert "sha" not in vars(info)


def test_a_view_is_an_annotation_of_the_class_that_results_are_instances_of():
    body = {"id": "owner/name", "sha": "a" * 40, "siblings": [{"rfilename": "a"}]}
    info = operations.models.model_info("owner/name").parse(answered(body))
    assert type(info) is ModelInfo
    assert info.siblings == [RepoSibling("a")]
    assert type(ModelDetail(id="owner/name")) is ModelInfo
    with pytest.raises(TypeError):
        isinstance(info, ModelDetail)
