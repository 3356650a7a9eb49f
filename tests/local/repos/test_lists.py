"""Lists of the embedded Hub: filters, order, members and pages."""

from __future__ import annotations

import json

import pytest

from hub_typed.local.server.app import Hub


@pytest.fixture
def models(ada, bob):
    """Three models of two users; bob's has weights of three parameters."""
    ada.put("models/ada/m", "README.md", b"---\nlicense: mit\nlanguage: en\ntags: [x]\n---\n")
    for caller, name in ((ada, "n"), (bob, "o")):
        assert caller("POST", "/api/repos/create", {"name": name}).status == 200
    header = json.dumps({"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}).encode()
    weights = len(header).to_bytes(8, "little") + header + bytes(12)
    assert bob.commit("models/bob/o", bob.large("model.safetensors", bob.upload(weights, "bob/o"))).status == 200
    bob.put("models/bob/o", "README.md", b"---\npipeline_tag: fill-mask\nbase_model: ada/m\n---\n")
    bob.put("models/bob/o", "q.gguf", b"GGUF")
    return ada


def ids(answer):
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.json()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["bob/o", "ada/n", "ada/m"]),
        ("search=o", ["bob/o"]),
        ("author=ada", ["ada/n", "ada/m"]),
        ("filter=en&filter=license:mit&filter=x", ["ada/m"]),
        ("filter=base_model:quantized:ada/m", ["bob/o"]),
        ("filter=region:us&filter=safetensors", ["bob/o"]),
        ("filter=nothing", []),
        ("pipeline_tag=fill-mask", ["bob/o"]),
        ("gated=true", []),
        ("gated=false", ["bob/o", "ada/n", "ada/m"]),
        ("apps=ollama", ["bob/o"]),
        ("inference=warm", []),
        ("inference_provider=all", []),
        ("num_parameters=min:3,max:1K", ["bob/o"]),
        ("num_parameters=min:4", []),
        ("num_parameters=max:2.9", []),
        ("sort=createdAt&direction=-1", ["bob/o", "ada/n", "ada/m"]),
        ("sort=createdAt&direction=1", ["ada/m", "ada/n", "bob/o"]),
        ("sort=likes", ["bob/o", "ada/n", "ada/m"]),
        ("sort=trendingScore", ["bob/o", "ada/n", "ada/m"]),
    ],
)
def test_each_filter_and_order_holds(models, query, found):
    assert ids(models("GET", f"/api/models?{query}")) == found


@pytest.mark.parametrize("query", ["sort=name", "direction=2", "expand=nonsense", "num_parameters=6B", "limit=x"])
@pytest.mark.parametrize("area", ["models", "datasets", "spaces", "kernels"])
def test_what_makes_no_sense_is_refused(ada, area, query):
    if query.startswith("num_parameters") and area != "models":
        assert ada("GET", f"/api/{area}?{query}").status == 200  # these lists have no such filter
        return
    for kind in ("dataset", "space", "kernel"):
        ada("POST", "/api/repos/create", {"name": "x", "type": kind, "sdk": "static"})
    assert ada("GET", f"/api/{area}?{query}").status == 400


def test_pages_follow_each_other(models):
    first = models("GET", "/api/models?limit=2&sort=createdAt")
    assert ids(first) == ["bob/o", "ada/n"]
    following = first.headers["link"].partition(">")[0][1:]
    second = models("GET", following)
    assert ids(second) == ["ada/m"]
    assert "link" not in second.headers


def test_members_are_those_that_were_asked_for(models):
    (one,) = models("GET", "/api/models?search=bob&expand=safetensors&expand=downloads&expand=cardData").json()
    assert one["safetensors"] == {"parameters": {"F32": 3}, "total": 3}
    assert set(one) == {"_id", "id", "safetensors", "downloads", "cardData"}
    (full,) = models("GET", "/api/models?search=bob&full=true&config=true").json()
    assert {"siblings", "config", "sha"} <= set(full)
    assert "cardData" not in full


def test_downloads_are_counted_and_survive(tmp_path, login):
    ada = login(Hub(tmp_path), "ada")
    for name in ("a", "b"):
        ada("POST", "/api/repos/create", {"name": name})
        ada.put(f"models/ada/{name}", "x", b"1")
    ada("HEAD", "/ada/a/resolve/main/x")
    ada("GET", "/ada/a/resolve/main/missing")
    ada("GET", "/ada/a/raw/main/x")
    assert ada("GET", "/api/models/ada/a").json()["downloads"] == 0
    for _ in range(3):
        ada("GET", "/ada/a/resolve/main/x")
    again = login(Hub(tmp_path), "ada")
    info = again("GET", "/api/models/ada/a").json()
    assert (info["downloads"], info["downloadsAllTime"]) == (3, 3)
    assert ids(again("GET", "/api/models?sort=downloads")) == ["ada/a", "ada/b"]
    assert ids(again("GET", "/api/models?sort=downloads&direction=1")) == ["ada/b", "ada/a"]


def test_a_file_comes_as_git_has_it(ada):
    ada.put("models/ada/m", "x", b"1")
    oid = ada.upload(b"large")
    ada.commit("models/ada/m", ada.large("w.bin", oid))
    assert ada("GET", "/ada/m/raw/main/x").body == b"1"
    assert f"oid sha256:{oid}\nsize 5\n".encode() in ada("GET", "/ada/m/raw/main/w.bin").body
    assert ada("GET", "/ada/m/raw/main/missing").error == (404, "EntryNotFound")
    assert ada("GET", "/ada/m/raw/missing/x").error == (404, "RevisionNotFound")
    assert ada("GET", "/ada/missing/raw/main/x").error == (404, "RepoNotFound")


# --- what is told of all repositories together


def test_tags_are_those_of_what_the_caller_may_see(models, anyone):
    models("POST", "/api/repos/create", {"name": "secret", "private": True})
    models.put("models/ada/secret", "README.md", b"---\nlicense: secret\n---\n")
    assert [tag["id"] for tag in anyone("GET", "/api/models-tags-by-type").json()["license"]] == ["license:mit"]
    only = models("GET", "/api/models-tags-by-type?type=license").json()
    assert only == {
        "license": [
            {"id": "license:mit", "label": "mit", "type": "license"},
            {"id": "license:secret", "label": "secret", "type": "license"},
        ]
    }
    assert anyone("GET", "/api/datasets-tags-by-type").json() == {}


def test_tasks_name_the_models_that_are_made_for_them(models):
    tasks = models("GET", "/api/tasks").json()
    assert tasks["fill-mask"]["models"] == [{"id": "bob/o", "description": ""}]
    assert tasks["fill-mask"]["isPlaceholder"] is False
    assert (tasks["summarization"]["label"], tasks["summarization"]["models"]) == ("Summarization", [])


def test_a_leaderboard_is_made_of_what_cards_tell(ada, bob):
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"})
    bob("POST", "/api/repos/create", {"name": "o"})

    def card(value: object, more: str = "") -> bytes:
        results = f"[{{task: {{type: t}}, dataset: {{type: ada/d, name: D}}, metrics: [{{type: m, value: {value}}}]}}]"
        return f"---\n{more}model-index:\n- name: x\n  results: {results}\n---\n".encode()

    ada.put("models/ada/m", "README.md", card(0.4))
    bob.put("models/bob/o", "README.md", card(0.9, "base_model: ada/m\n"))

    def ranks(query: str = "") -> list[tuple[int, str, float]]:
        rows = ada("GET", f"/api/datasets/ada/d/leaderboard{query}").json()
        return [(row["rank"], row["modelId"], row["value"]) for row in rows]

    assert ranks() == ranks("?base_model=true") == [(1, "ada/m", 0.4)]
    assert ranks("?task_id=other") == []
    assert ranks("?base_model=false") == [(1, "bob/o", 0.9), (2, "ada/m", 0.4)]
    assert ranks("?max_params=1B") == []
    for broken in (card("text"), b"---\nmodel-index: 3\n---\n", b"---\nmodel-index: [{results: [3]}]\n---\n"):
        bob.put("models/bob/o", "README.md", broken)
        assert ranks("?base_model=false") == [(1, "ada/m", 0.4)]
    assert ada("GET", "/api/datasets/ada/missing/leaderboard").error == (404, "RepoNotFound")
    assert ada("GET", "/api/datasets/ada/d/leaderboard?max_params=x").status == 400


def test_parquet_files_are_listed_by_configuration_and_split(ada):
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"})
    paths = ["data/train-00000-of-00001.parquet", "data/dev-0.parquet", "fr/test-0.parquet", "all.parquet", "x.csv"]
    content = {path: path.encode() for path in paths}
    lines = [ada.file(path, data) for path, data in content.items() if not path.endswith("parquet")]
    lines += [
        ada.large(path, ada.upload(data, "datasets/ada/d"))
        for path, data in content.items()
        if path.endswith("parquet")
    ]
    assert ada.commit("datasets/ada/d", *lines).status == 200
    urls = ada("GET", "/api/datasets/ada/d/parquet").json()
    assert {config: {split: len(found) for split, found in splits.items()} for config, splits in urls.items()} == {
        "default": {"train": 2, "validation": 1},
        "fr": {"test": 1},
    }
    path = urls["fr"]["test"][0].removeprefix("http://hub.test")
    assert ada("GET", ada("GET", path).headers["location"]).body == b"fr/test-0.parquet"
    (one,) = ada("GET", "/parquet?dataset=ada/d&config=fr").json()["parquet_files"]
    assert (one["split"], one["filename"], one["size"]) == ("test", "test-0.parquet", 17)
    told = ada("GET", "/api/datasets/ada/d/croissant").json()
    assert {file["@id"] for file in told["distribution"]} == {*paths, ".gitattributes"}
    for url in ("/api/datasets/ada/no/parquet", "/parquet?dataset=ada/no", "/api/datasets/ada/no/croissant"):
        assert ada("GET", url).error == (404, "RepoNotFound")
    assert ada("GET", "/parquet").status == 400


def test_a_dataset_tells_its_text_and_its_size(ada):
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"})
    ada.put("datasets/ada/d", "README.md", b"---\r\nlicense: mit\r\n---\r\n# Title\r\n\r\nSome   text.\r\n")
    info = ada("GET", "/api/datasets/ada/d?expand=description&expand=mainSize").json()
    assert info["description"] == "# Title Some text."
    assert info["mainSize"] > 50


def test_spaces_are_found_by_what_they_do(ada):
    for name, sdk, text in (
        ("a", "gradio", "removes a background"),
        ("b", "static", "a background"),
        ("c", "static", ""),
    ):
        ada("POST", "/api/repos/create", {"name": name, "type": "space", "sdk": sdk})
        card = f"---\nsdk: {sdk}\ntitle: T\nemoji: X\nshort_description: {text!r}\n---\n"
        ada.put(f"spaces/ada/{name}", "README.md", card.encode())

    def found(query: str) -> list[tuple[str, float]]:
        answer = ada("GET", f"/api/spaces/semantic-search?{query}")
        assert answer.status == 200, answer.body
        return [(one["id"], one["semanticRelevancyScore"]) for one in answer.json()]

    everything = "q=removes+background&includeNonRunning=true"
    assert found(everything) == [("ada/a", 1.0), ("ada/b", 0.5)]
    assert found(f"{everything}&sdk=static") == [("ada/b", 0.5)]
    assert found(f"{everything}&filter=nothing") == []
    assert found("q=background") == [("ada/b", 1.0)], "the other one has no app, so that it does not run"
    assert ada("GET", "/api/spaces/semantic-search").status == 400


def test_a_model_names_the_spaces_that_use_it(ada):
    ada("POST", "/api/repos/create", {"name": "s", "type": "space", "sdk": "static"})
    ada.put("spaces/ada/s", "README.md", b"---\nmodels: [ada/m]\n---\n")
    assert ada("GET", "/api/models/ada/m?expand=spaces").json()["spaces"] == ["ada/s"]


def test_telemetry_is_accepted(hub, anyone):
    assert anyone("HEAD", "/api/telemetry/gradio/launched").status == 200
    assert hub.requests[-1].operation == "telemetry.send_telemetry"


@pytest.mark.parametrize(
    "content",
    [b"", b"short", b"\xff" * 20, (2).to_bytes(8, "little") + b"[]", (9).to_bytes(8, "little") + b'{"w": {}}'],
)
def test_what_only_looks_like_weights_has_no_parameters(ada, content):
    if content:
        ada.commit("models/ada/m", ada.large("model.safetensors", ada.upload(content)))
    else:
        ada.put("models/ada/m", "model.safetensors", content)
    assert "safetensors" not in ada("GET", "/api/models/ada/m").json()
