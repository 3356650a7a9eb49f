"""Cards are validated as on the Hub: alone, in commits and in pushes."""

from __future__ import annotations

import pytest

from hub_typed.local.cards.checks import check_card
from hub_typed.local.cards.identifiers import languages
from tests.local.forms import multipart, urlencoded

RESULT = "task: {type: fill-mask}, dataset: {type: glue, name: GLUE}, metrics: [{type: acc, value: 0.5}]"
INVALID = "---\nlicense: asdf\n---\n"


def card(front: str) -> str:
    return f"---\n{front}\n---\n# Title\n"


@pytest.mark.parametrize(
    ("front", "kind"),
    [
        ("license: apache-2.0", "model"),
        ("license: [mit, cc-by-4.0]", "dataset"),
        ("license: openrail++", "space"),
        ("license: other\nlicense_name: mine", "model"),
        ("language: no", "model"),
        ("language: [en, deu, ger, code, multilingual, yue, zxx]", "dataset"),
        ("pipeline_tag: fill-mask", "model"),
        (f"model-index: [{{name: m, results: [{{{RESULT}}}]}}]", "model"),
        ("model-index: [{name: m, results: []}]", "model"),
        ("datasets: [ada/d, glue]\nbase_model: [google-bert/bert-base-uncased, gpt2]", "model"),
        ("task_categories: [table-to-text, fill-mask, other]", "dataset"),
        ("sdk: static\ncolorFrom: red\ncolorTo: gray\nmodels: [ada/m]", "space"),
        ("sdk: anything\npipeline_tag: anything", "dataset"),
    ],
)
def test_a_valid_card_has_neither_errors_nor_warnings(front, kind):
    report = check_card(card(front), kind)

    assert (list(report.errors), list(report.warnings)) == ([], [])


@pytest.mark.parametrize(
    ("front", "kind", "error"),
    [
        ("license: asdf", "model", '"license" must be one of [apache-2.0, mit, '),
        ("license: MIT", "space", '"license" must be one of ['),
        ("license: [mit, asdf]", "dataset", '"license[1]" must be one of ['),
        ("license:", "model", '"license" must be one of ['),
        ("language: english", "model", '"language" with value "english" is not valid. It must be an ISO 639-1, '),
        ("language: [en, pt_pt]", "dataset", '"language[1]" with value "pt_pt" is not valid. '),
        ("language: [EN]", "model", '"language[0]" with value "EN" is not valid. '),
        ("language: qqq", "model", '"language" with value "qqq" is not valid. '),
        ("language:", "model", '"language" must be a string'),
        ("language: [1]", "model", '"language[0]" must be a string'),
        ("pipeline_tag: [fill-mask]", "model", '"pipeline_tag" must be a string'),
        ("datasets: [librispeech 960h]", "model", '"datasets[0]" with value "librispeech 960h" is not valid. '),
        ("datasets: [null]", "model", '"datasets[0]" must be a string'),
        ("base_model: /data/m", "model", '"base_model" with value "/data/m" is not valid. Use a model id from '),
        ("widget: {text: a}", "model", '"widget" must be an array'),
        ("model-index: {}", "model", '"model-index" must be an array'),
        ("model-index: [1]", "model", '"model-index[0]" must be of type object'),
        ("model-index: [{results: []}]", "model", '"model-index[0].name" is required'),
        ("model-index: [{name: m}]", "model", '"model-index[0].results" is required'),
        (
            f"model-index: [{{name: m, results: [{{{RESULT.replace('type: acc, ', '')}}}]}}]",
            "model",
            '"model-index[0].results[0].metrics[0].type" is required',
        ),
        (
            f"model-index: [{{name: m, results: [{{{RESULT.replace('type: glue', 'type: g l u e')}}}]}}]",
            "model",
            '"model-index[0].results[0].dataset.type" with value "g l u e" fails to match the required pattern: /',
        ),
        ("sdk: shiny", "space", '"sdk" must be one of [gradio, streamlit, docker, static]'),
        ("colorFrom: black", "space", '"colorFrom" must be one of [red, '),
        (f"short_description: {'x' * 61}", "space", '"short_description" length must be less than or equal to 60 '),
        ("a: [", "model", "Invalid YAML"),
    ],
)
def test_an_error_of_a_card_names_the_member_and_what_it_must_be(front, kind, error):
    (told,) = check_card(card(front), kind).errors

    assert told.startswith(error)


@pytest.mark.parametrize(
    ("front", "kind", "warning"),
    [
        ("pipeline_tag: magic", "model", 'The pipeline tag "magic" is not in the official list: any-to-any, '),
        ("task_categories: [magic]", "dataset", 'The task_categories "magic" is not in the official list: '),
        ("license: other", "model", '"license" is "other"'),
        ("", "model", "empty or missing yaml metadata"),
    ],
)
def test_what_the_hub_accepts_but_advises_against_is_a_warning(front, kind, warning):
    report = check_card(card(front), kind)

    assert not report.errors
    assert report.warnings[0].startswith(warning)


def test_languages_are_those_of_iso_639():
    assert {"en", "sh", "eng", "fra", "fre", "aaa", "zza", "ber"} <= languages()
    assert not {"", "english", "qaa-qtz", "xx", "#"} & languages()


@pytest.mark.parametrize("before", ["", "\n", "\n\n \r\n", "\ufeff", "\ufeff\n"])
def test_metadata_is_seen_after_empty_lines(ada, before):
    got = ada("POST", "/api/validate-yaml", {"content": before + INVALID, "repoType": "model"})
    ada.put("models/ada/m", "README.md", f"{before}---\nlicense: mit\n---\n".encode())

    assert got.status == 400
    assert ada("GET", "/api/models/ada/m").json()["cardData"] == {"license": "mit"}


@pytest.mark.parametrize("form", [multipart, urlencoded])
def test_a_card_is_validated_from_a_form_as_from_json(ada, form):
    for content, status in ((INVALID, 400), ("---\nlicense: mit\nname: Zoë\n---\n", 200), ("é", 200)):
        by_json = ada("POST", "/api/validate-yaml", {"content": content, "repoType": "model"})
        by_form = ada("POST", "/api/validate-yaml", *form(content=content, repoType="model"))

        assert by_form.status == by_json.status == status
        assert by_form.json() == by_json.json()
    assert ada("POST", "/api/validate-yaml", *form(content="x")).status == 400


def test_errors_are_text_for_those_who_accept_only_text(ada):
    body = {"content": INVALID, "repoType": "model"}
    told = ada("POST", "/api/validate-yaml", body, {"accept": "text/plain"})
    usual = ada("POST", "/api/validate-yaml", body, {"accept": "*/*"})

    assert told.status == 400
    assert told.body.startswith(b'- Error: "license" must be one of [')
    assert usual.json()["error"] == usual.json()["errors"][0]["message"]


def test_a_commit_is_not_checked(ada):
    assert ada.commit("models/ada/m", ada.file("README.md", INVALID.encode())).status == 200
    assert ada("POST", "/api/models/ada/m/upload/main/README.md", b"---\na: [\n---\n").status == 200
    assert ada("GET", "/api/models/ada/m").status == 200
