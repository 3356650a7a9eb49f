"""Choice of the token of a request."""

from __future__ import annotations

import pytest

from hub_typed.auth.tokens import stored_token, token_to_send
from hub_typed.errors import LocalTokenNotFoundError
from hub_typed.settings import Settings


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Settings without a stored token."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Settings(token_path=str(tmp_path / "token"))


def store(settings, text):
    with open(settings.token_path, "w", encoding="utf-8") as file:
        file.write(text)


def test_the_environment_wins_over_the_file_and_the_newer_name_over_the_older(settings, monkeypatch):
    assert stored_token(settings) is None
    store(settings, "hf_file")
    assert stored_token(settings) == "hf_file"
    monkeypatch.setenv("HUGGING_FACE_HUB_TOKEN", "hf_older")
    assert stored_token(settings) == "hf_older"
    monkeypatch.setenv("HF_TOKEN", "hf_newer")
    assert stored_token(settings) == "hf_newer"


def test_an_empty_variable_counts_as_none(settings, monkeypatch):
    store(settings, "hf_file")
    monkeypatch.setenv("HF_TOKEN", " \n")
    assert stored_token(settings) == "hf_file"


@pytest.mark.parametrize("text", ["hf_x\n", "  hf_x\r\n", "\ufeffhf_x\r\n", "\n\ufeff hf_x"])
def test_line_ends_and_blanks_do_not_belong_to_a_token(settings, monkeypatch, text):
    store(settings, text)
    assert stored_token(settings) == "hf_x"
    monkeypatch.setenv("HF_TOKEN", text)
    assert stored_token(settings) == "hf_x"
    assert token_to_send(text, settings) == "hf_x"


@pytest.mark.parametrize("text", ["", "\n", "  "])
def test_an_empty_file_holds_no_token(settings, text):
    store(settings, text)
    assert stored_token(settings) is None


def test_a_folder_in_place_of_the_file_holds_no_token(settings, tmp_path):
    (tmp_path / "token").mkdir()
    assert stored_token(settings) is None


def test_a_file_that_is_no_text_holds_no_token(settings, tmp_path):
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    assert stored_token(settings) is None


@pytest.mark.parametrize(
    ("asked", "stored", "implicit", "sent"),
    [
        ("hf_mine", "hf_stored", True, "hf_mine"),
        ("hf_mine", None, False, "hf_mine"),
        ("", "hf_stored", True, None),
        (False, "hf_stored", True, None),
        (None, "hf_stored", True, "hf_stored"),
        (None, "hf_stored", False, None),
        (None, None, True, None),
        (True, "hf_stored", True, "hf_stored"),
        (True, "hf_stored", False, "hf_stored"),
    ],
)
def test_what_is_asked_for_decides_what_is_sent(settings, asked, stored, implicit, sent):
    if stored:
        store(settings, stored)
    known = Settings(token_path=settings.token_path, implicit_token=implicit)
    assert token_to_send(asked, known) == sent


def test_a_stored_token_that_is_demanded_must_be_there(settings):
    with pytest.raises(LocalTokenNotFoundError) as caught:
        token_to_send(True, settings)
    assert settings.token_path in str(caught.value)
    assert "HF_TOKEN" in str(caught.value)
    assert isinstance(caught.value, EnvironmentError)


def test_the_token_is_looked_up_each_time(hub, settings):
    from hub_typed.http.send import send_request
    from hub_typed_api.wire import Request

    io = hub.io(token=None, token_path=settings.token_path)
    for text in ("hf_first", "hf_second"):
        store(settings, text)
        hub.says(200)
        hub.run(send_request(io, Request(operation="o", method="GET", path="/x")))
    assert [asked.headers["authorization"] for asked in hub.asked] == ["Bearer hf_first", "Bearer hf_second"]
