"""What is searched for among models, datasets and Spaces, as it goes out and as it comes back."""

from __future__ import annotations

from typing import get_args, get_type_hints
from urllib.parse import parse_qsl, urlsplit

import pytest

from hub_typed.flows.datasets import DatasetSort, dataset_info, list_datasets
from hub_typed.flows.list_filters import sort_key
from hub_typed.flows.models import ModelSort, list_models, model_info
from hub_typed.flows.spaces.infos import SpaceSort, list_spaces, space_info
from hub_typed.http.io import drive_all
from hub_typed_api.operations import (
    datasets as dataset_operations,
    models as model_operations,
    spaces as space_operations,
)


def asked(hub):
    """The query of the last request, values of a name together."""
    found = {}
    for name, value in parse_qsl(urlsplit(hub.asked[-1].path).query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def search(hub, flow, **wanted):
    assert [info.id for info in drive_all(flow(hub.says(200, [{"id": "o/n"}]).io(), **wanted))] == ["o/n"]
    return asked(hub)


LISTS = [list_models, list_datasets, list_spaces]


@pytest.mark.parametrize("flow", LISTS)
def test_nothing_is_asked_for_that_was_not_given(hub, flow):
    assert search(hub, flow) == {}
    assert urlsplit(hub.asked[0].path).path == f"/api/{flow.__name__.removeprefix('list_')}"


@pytest.mark.parametrize("flow", LISTS)
@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        ({"author": "o"}, {"author": ["o"]}),
        ({"search": "bert"}, {"search": ["bert"]}),
        ({"filter": "en"}, {"filter": ["en"]}),
        ({"filter": ("a", "b")}, {"filter": ["a", "b"]}),
        ({"filter": ""}, {}),
        ({"filter": []}, {}),
        ({"sort": "last_modified"}, {"sort": ["lastModified"]}),
        ({"sort": "trending_score"}, {"sort": ["trendingScore"]}),
        ({"sort": "created_at"}, {"sort": ["createdAt"]}),
        ({"sort": "likes", "direction": -1}, {"sort": ["likes"], "direction": ["-1"]}),
        ({"limit": 7}, {"limit": ["7"]}),
        ({"full": True}, {"full": ["true"]}),
        ({"full": False}, {}),
        ({"expand": ["sha", "tags"]}, {"expand": ["sha", "tags"]}),
        ({"expand": "sha"}, {"expand": ["sha"]}),
        ({"expand": [], "full": True}, {"full": ["true"]}),
    ],
)
def test_what_all_lists_understand(hub, flow, wanted, query):
    assert search(hub, flow, **wanted) == query


@pytest.mark.parametrize("flow", LISTS)
def test_words_may_come_from_any_iterable(hub, flow):
    assert search(hub, flow, filter=(word for word in "ab"), expand=iter(["sha"])) == {
        "filter": ["a", "b"],
        "expand": ["sha"],
    }


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        ({"gated": False}, {"gated": ["false"]}),
        ({"inference": "warm"}, {"inference": ["warm"]}),
        ({"pipeline_tag": "fill-mask"}, {"pipeline_tag": ["fill-mask"]}),
        ({"model_name": "bert", "search": "base"}, {"search": ["bert", "base"]}),
        ({"library": "pytorch"}, {"filter": ["pytorch"]}),
        ({"library": ["pytorch", "jax"]}, {"filter": ["pytorch", "jax"]}),
        ({"language": "en"}, {"filter": ["en"]}),
        ({"task": "fill-mask"}, {"filter": ["fill-mask"]}),
        ({"tags": ["a"]}, {"filter": ["a"]}),
        ({"trained_dataset": "squad"}, {"filter": ["dataset:squad"]}),
        ({"trained_dataset": ["dataset:a", "b"]}, {"filter": ["dataset:a", "dataset:b"]}),
        (
            {"tags": "e", "language": "d", "trained_dataset": "c", "task": "b2", "library": "b", "filter": "a"},
            {"filter": ["a", "b", "b2", "dataset:c", "d", "e"]},
        ),
        ({"cardData": True}, {"cardData": ["true"]}),
        ({"fetch_config": True}, {"config": ["true"]}),
        ({"apps": ["ollama", "vllm"]}, {"apps": ["ollama", "vllm"]}),
        ({"inference_provider": ["a", "b"]}, {"inference_provider": ["a,b"]}),
        ({"num_parameters": "min:6B,max:128B"}, {"num_parameters": ["min:6B,max:128B"]}),
    ],
)
def test_what_the_list_of_models_understands_beside(hub, wanted, query):
    assert search(hub, list_models, **wanted) == query


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        ({"gated": True}, {"gated": ["true"]}),
        ({"dataset_name": "squad", "search": "v2"}, {"search": ["squad", "v2"]}),
        ({"tags": "fiftyone"}, {"filter": ["fiftyone"]}),
        *(
            ({kind: ["a", f"{kind}:b"]}, {"filter": [f"{kind}:a", f"{kind}:b"]})
            for kind in ("benchmark", "language_creators", "language", "multilinguality")
        ),
        *(({kind: "a"}, {"filter": [f"{kind}:a"]}) for kind in ("size_categories", "task_categories", "task_ids")),
        ({"filter": ("language:ru",), "task_ids": "lm"}, {"filter": ["language:ru", "task_ids:lm"]}),
    ],
)
def test_what_the_list_of_datasets_understands_beside(hub, wanted, query):
    assert search(hub, list_datasets, **wanted) == query


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        ({"linked": True}, {"linked": ["true"]}),
        ({"linked": False}, {}),
        ({"datasets": "squad"}, {"datasets": ["squad"]}),
        ({"models": ["a", "b"]}, {"models": ["a", "b"]}),
    ],
)
def test_what_the_list_of_spaces_understands_beside(hub, wanted, query):
    assert search(hub, list_spaces, **wanted) == query


@pytest.mark.parametrize(
    ("given", "operation"),
    [
        (ModelSort, model_operations.list_models),
        (DatasetSort, dataset_operations.list_datasets),
        (SpaceSort, space_operations.list_spaces),
    ],
)
def test_the_types_of_sort_have_the_keys_of_the_spec(given, operation):
    sent = get_args(get_type_hints(operation)["sort"])[0]
    assert {sort_key(one) for one in get_args(get_args(given)[0])} == set(get_args(sent))


@pytest.mark.parametrize(
    ("flow", "other"),
    [*((flow, "full") for flow in LISTS), (list_models, "cardData"), (list_models, "fetch_config")],
)
def test_expand_goes_with_nothing_that_says_the_same_otherwise(hub, flow, other):
    with pytest.raises(ValueError, match=f"expand.*{other}"):
        list(drive_all(flow(hub.io(), expand=["sha"], **{other: True})))


@pytest.mark.parametrize("flow", LISTS)
def test_a_limit_counts_items_over_pages(hub, flow):
    hub.says(200, [{"id": "a"}, {"id": "b"}], link='<https://hub.test/next>; rel="next"').says(200, [{"id": "c"}])
    assert [info.id for info in drive_all(flow(hub.io(), limit=3))] == ["a", "b", "c"]
    assert hub.exhausted
    assert list(drive_all(flow(hub.io(), limit=0))) == []


# --- emissions


def model(name, emissions):
    return {"id": name, "cardData": {"co2_eq_emissions": emissions}}


CARDS = [
    model("zero", 0),
    model("small", 1.5),
    model("tiny", 2e-05),
    model("text", "about 12.5 grams"),
    model("tiny text", "3e-05 kg"),
    model("object", {"emissions": 20, "source": "codecarbon"}),
    model("object text", {"emissions": ".5"}),
    model("huge", 1e6),
    model("silent", None),
    model("vague", "little"),
    model("empty", {}),
    {"id": "no card"},
    {"id": "null", "cardData": {}},
]


@pytest.mark.parametrize(
    ("thresholds", "found"),
    [
        ((1, 20), ["small", "text", "object"]),
        ((None, 1), ["zero", "tiny", "tiny text", "object text"]),
        ((12.5, None), ["text", "object", "huge"]),
        ((30, 40), []),
        ((0, 1e9), ["zero", "small", "tiny", "text", "tiny text", "object", "object text", "huge"]),
    ],
)
def test_models_are_left_out_by_the_emissions_that_their_cards_tell(hub, thresholds, found):
    infos = drive_all(list_models(hub.says(200, CARDS).io(), emissions_thresholds=thresholds))
    assert [info.id for info in infos] == found
    assert asked(hub) == {"cardData": ["true"]}


def test_a_limit_counts_the_models_that_are_left(hub):
    hub.says(200, CARDS[:5], link='<https://hub.test/next>; rel="next"').says(200, CARDS[5:])
    infos = drive_all(list_models(hub.io(), emissions_thresholds=(1, 20), limit=3))
    assert [info.id for info in infos] == ["small", "text", "object"]
    assert "limit" not in hub.asked[0].path  # as the size of a page, it would cost many requests


def test_the_cards_come_also_where_other_members_were_named(hub):
    hub.says(200, CARDS[:2])
    assert len(list(drive_all(list_models(hub.io(), emissions_thresholds=(1, 2), expand=["sha"])))) == 1
    assert asked(hub) == {"expand": ["sha", "cardData"]}


def test_emissions_without_any_bound_are_refused(hub):
    with pytest.raises(ValueError, match="emissions_thresholds"):
        list(drive_all(list_models(hub.io(), emissions_thresholds=(None, None))))


# --- one


@pytest.mark.parametrize(("flow", "area"), [(model_info, "models"), (dataset_info, "datasets"), (space_info, "spaces")])
def test_the_info_of_one_repository(hub, flow, area):
    for wanted, path in [
        ({}, ""),
        ({"revision": "v1/x", "files_metadata": True}, "/revision/v1%2Fx?blobs=true"),
        ({"expand": ["sha"]}, "?expand=sha"),
        ({"timeout": 2.5}, ""),
    ]:
        assert hub.run(flow(hub.says(200, {"id": "o/n"}).io(), "o/n", **wanted)).id == "o/n"
        assert hub.asked[-1].path == f"https://hub.test/api/{area}/o/n{path}"
    assert hub.timeouts[-1] == 2.5


def test_the_security_status_is_asked_of_models(hub):
    hub.says(200, {"id": "o/n", "securityRepoStatus": {"scansDone": True}})
    assert hub.run(model_info(hub.io(), "o/n", securityStatus=True)).security_repo_status == {"scansDone": True}
    assert asked(hub) == {"securityStatus": ["true"]}
    with pytest.raises(ValueError, match=r"expand.*securityStatus"):
        hub.run(model_info(hub.io(), "o/n", securityStatus=True, expand=["sha"]))
