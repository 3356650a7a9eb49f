"""A Hub with pages to look at, and a browser without a screen for those that are tested in one."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from urllib.parse import urlencode, urlsplit

import attrs
import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed.local.buckets.files import BucketFile

README = """---
license: mit
---
# A model

<script>document.title = "broken"</script> [data](data/table.csv) ![a drawing](drawing.png)
[bad](javascript:alert(1)) [elsewhere](https://example.org/)
"""


@attrs.frozen
class Shown:
    """A response to a browser."""

    status: int
    headers: Mapping[str, str]
    text: str


class Browser:
    """Asks for pages as a browser does: with its cookie, and with the origin of the page that sends a form."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.cookie = ""

    def get(self, path: str, **headers: str) -> Shown:
        return self._send("GET", path, None, {"accept": "text/html,*/*;q=0.8", **headers})

    def head(self, path: str) -> Shown:
        return self._send("HEAD", path, None, {"accept": "text/html"})

    def post(self, path: str, *, origin: str | None = "", **fields: str) -> Shown:
        """Send a form; by default, from a page of the Hub itself."""
        headers = {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["origin"] = origin or self.endpoint
        return self._send("POST", path, urlencode(fields), headers)

    def log_in(self, token: str) -> None:
        assert self.post("/-/login", token=token).status == 303

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Shown:
        cookie = {"cookie": self.cookie} if self.cookie else {}
        with closing(http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=20)) as connection:
            connection.request(method, path, body, {**cookie, **headers})
            answer = connection.getresponse()
            shown = Shown(
                answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
            )
        if "set-cookie" in shown.headers:
            self.cookie = shown.headers["set-cookie"].partition(";")[0]
        return shown


@pytest.fixture
def local() -> Iterator[LocalHub]:
    """A Hub on sockets."""
    with LocalHub(xet=False) as hub:
        yield hub


@pytest.fixture
def api(local: LocalHub) -> Iterator[HfApi]:
    """A client of the Hub's own user, who owns the model ``local-user/m`` and the bucket ``local-user/b``."""
    with HfApi(local.endpoint, local.token) as api:
        api.create_repo("local-user/m")
        api.upload_file(path_or_fileobj=README.encode(), path_in_repo="README.md", repo_id="local-user/m")
        api.upload_file(path_or_fileobj=b"a,b\n1,<b>\n", path_in_repo="data/table.csv", repo_id="local-user/m")
        now = "2026-01-01T00:00:00+00:00"
        file = BucketFile(xet_hash="0" * 64, sha256=hashlib.sha256().hexdigest(), size=0, uploaded_at=now)
        bucket = local.hub.buckets.create("local-user/b", user="local-user")
        bucket.change_files({"a.txt": file, "d </e": file}, now)
        yield api


@pytest.fixture
def browser(local: LocalHub) -> Browser:
    """A browser that is not logged in."""
    return Browser(local.endpoint)


@pytest.fixture
def owner(local: LocalHub) -> Browser:
    """A browser that is logged in with the token of the Hub's own user."""
    made = Browser(local.endpoint)
    made.log_in(local.token)
    return made


@pytest.fixture
def pull_request(api: HfApi) -> str:
    """Path of the page of a pull request that changes a line."""
    made = api.upload_file(
        path_or_fileobj=b"a,b\n1,<i>\n", path_in_repo="data/table.csv", repo_id="local-user/m", create_pr=True
    )
    return f"/local-user/m/discussions/{made.pr_num}"


@pytest.fixture
def asked(local: LocalHub, api: HfApi) -> Callable[[], str]:
    """Let the user ``bob`` ask for access to the model; return a function that tells the status of the request."""
    api.update_repo_settings("local-user/m", gated="manual")
    asking = Browser(local.endpoint)
    token = local.add_user("bob")
    with closing(http.client.HTTPConnection(urlsplit(asking.endpoint).netloc, timeout=20)) as connection:
        connection.request("POST", "/local-user/m/ask-access", "", {"authorization": f"Bearer {token}"})
        assert connection.getresponse().status == 303
    found = local.hub.store.find("model", "local-user/m")
    assert found is not None

    def status() -> str:
        request = found.access_requests.of("bob")
        assert request is not None
        return request.status

    return status
