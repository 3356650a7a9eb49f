"""Headers of the caller: what cannot be sent is refused where it is given."""

from __future__ import annotations

from typing import cast

import pytest

from hub_typed import HfApi, SettingsError
from hub_typed.utils import build_hf_headers

REFUSED = {
    "value_none": ({"x": None}, "'x' is refused: its value is a NoneType"),
    "value_number": ({"x": 3}, "'x' is refused: its value is a int"),
    "name_number": ({3: "x"}, "3 is refused: the name"),
    "name_empty": ({"": "x"}, "'' is refused: the name"),
    "name_space": ({"x y": "a"}, "'x y' is refused: the name"),
    "name_line_break": ({"x\r\ny": "a"}, "is refused: the name"),
    "value_line_break": ({"x": "a\r\nHost: other"}, "'x' is refused: its value has characters"),
    "value_unicode": ({"x": "€"}, "'x' is refused: its value has characters"),
    "length": ({"Content-Length": "5"}, "'Content-Length' is refused: it is set for the body"),
    "encoding": ({"transfer-encoding": "chunked"}, "it is set for the body"),
}


@pytest.mark.parametrize(("headers", "message"), REFUSED.values(), ids=REFUSED)
def test_header_that_cannot_be_sent(headers: object, message: str) -> None:
    given = cast("dict[str, str]", headers)
    with pytest.raises(SettingsError, match=message) as refused:
        HfApi(headers=given)
    assert "other" not in str(refused.value)
    with pytest.raises(SettingsError, match=message):
        HfApi().with_options(headers=given)
    with pytest.raises(SettingsError, match=message):
        build_hf_headers(headers=given)


def test_header_as_given() -> None:
    given = {"X-Any": "tab\tand é"}
    assert HfApi(headers=given).headers == given
    assert build_hf_headers(headers=given)["x-any"] == given["X-Any"]


def test_header_in_other_case_replaces_that_of_the_client() -> None:
    api = HfApi(headers={"X-Any": "first"}).with_options(headers={"x-any": "second"})
    assert api._default_headers()["x-any"] == "second"
