"""Exchanges are recorded without secrets, and replayed without the Hub."""

from __future__ import annotations

import asyncio
import base64
import json
import threading

import pytest

from hub_typed import (
    AsyncHfApi,
    CommitOperationAdd,
    HfApi,
    HfHubHTTPError,
    RepositoryNotFoundError,
    Settings,
)
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status
from hub_typed.settings import INFERENCE_ENDPOINTS
from hub_typed.testing import NotRecordedError, record, replay
from hub_typed.testing.recording import RecordingTransport
from hub_typed.testing.scrubbing import scrubbed_headers, scrubbed_url
from hub_typed_api.wire import Request, Response

TOKEN = "hf_abcdefghijklmnopqrstuvwxyz012345"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "exchanges" / "test.json"


def local() -> HfApi:
    return HfApi(settings=Settings(implicit_token=False))


def write_and_read(api, repo, folder):
    """Call what a program would: an upload, infos, pages, a download, and an error."""
    seen = [api.whoami().name, api.create_repo(repo).repo_id]
    seen += [api.create_repo(f"{repo}-{number}").repo_id for number in range(2)]
    files = {
        "config.json": b'{"unk_token": "[unknown]",  "n": 1}',
        "data.bin": bytes(range(256)),
        "big.bin": b"x" * 3_000_000,
    }
    api.create_commit(
        repo, [CommitOperationAdd(path, content) for path, content in files.items()], commit_message="Add files"
    )
    seen.append(sorted(api.list_repo_files(repo)))
    seen.append(sorted(info.id for info in api.list_models(author=repo.partition("/")[0], limit=10)))
    for path in ("config.json", "data.bin"):
        with open(api.hf_hub_download(repo, path, cache_dir=folder), "rb") as opened:
            seen.append(opened.read() == files[path])
    with pytest.raises(RepositoryNotFoundError) as caught:
        api.model_info(f"{repo}-missing")
    return [*seen, caught.value.response.status_code]


def test_a_program_has_the_same_results_without_the_hub(file, tmp_path):
    with LocalHub(xet=False) as hub:
        with record(file, HfApi(hub.endpoint, token=hub.token)) as api:
            recorded = write_and_read(api, f"{hub.user}/n", tmp_path / "one")
        token = hub.token
    text = file.read_text()
    assert token not in text
    assert "authorization" not in text.lower()
    with replay(file, local()) as api:
        assert write_and_read(api, recorded[1], tmp_path / "two") == recorded


def test_both_clients_replay_one_file(file):
    with LocalHub() as hub:

        async def scenario():
            with record(file, AsyncHfApi(hub.endpoint, token=hub.token)) as api:
                return await api.whoami()

        recorded = asyncio.run(scenario())
    with replay(file, local()) as api:
        assert api.whoami() == recorded

    async def again():
        with replay(file, AsyncHfApi()) as api:
            return await api.whoami()

    assert asyncio.run(again()) == recorded


def test_a_request_that_was_not_recorded_says_what_is_there(file):
    with LocalHub() as hub, record(file, HfApi(hub.endpoint, token=hub.token)) as api:
        api.whoami()
        endpoint = hub.endpoint
    with replay(file, local()) as api:
        with pytest.raises(NotRecordedError) as caught:
            api.model_info("o/n")
        assert f"{file} has no (further) exchange of GET {endpoint}/api/models/o/n" in str(caught.value)
        assert f"It still has: GET {endpoint}/api/whoami-v2" in str(caught.value)
        api.whoami()
        with pytest.raises(NotRecordedError):
            api.whoami()


def test_equal_requests_are_answered_in_their_order_and_delays_are_not_repeated(file):
    with LocalHub() as hub, record(file, HfApi(hub.endpoint, token=hub.token)) as api:
        hub.faults.add(Status(503, headers={"retry-after": "1"}), operation="models.model_info", times=1)
        repo = api.create_repo(f"{hub.user}/n").repo_id
        api.model_info(repo)
        api.update_repo_settings(repo, private=True)
        api.model_info(repo)
    statuses = [one["response"]["status"] for one in json.loads(file.read_text())["exchanges"]]
    assert statuses.count(503) == 1
    with replay(file, local()) as api:
        api.create_repo(repo)
        first = api.with_response.model_info(repo)
        assert (first.value.private, first.retries, first.elapsed < 1) == (False, 1, True)
        api.update_repo_settings(repo, private=True)
        assert api.model_info(repo).private


def test_a_body_that_is_too_large_is_left_out(file, tmp_path):
    with LocalHub(xet=False) as hub:
        HfApi(hub.endpoint, token=hub.token).create_repo(f"{hub.user}/n")
        with HfApi(hub.endpoint, token=hub.token) as api:
            api.upload_file(path_or_fileobj=b"x" * 5000, path_in_repo="f", repo_id=f"{hub.user}/n")
        with record(file, HfApi(hub.endpoint, token=hub.token), max_body_size=4000) as api:
            api.hf_hub_download(f"{hub.user}/n", "f", cache_dir=tmp_path / "one")
        repo = f"{hub.user}/n"
    assert {"omitted": 5000} in [one["response"]["body"] for one in json.loads(file.read_text())["exchanges"]]
    with replay(file, local()) as api, pytest.raises(NotRecordedError, match=r"5000 bytes.*larger max_body_size"):
        api.hf_hub_download(repo, "f", cache_dir=tmp_path / "two")


class Answering:
    """A transport with one answer."""

    def __init__(self, response: Response) -> None:
        self.response = response

    def send(self, request, *, sink=None, timeout, cancellation=None):
        if sink is not None and sink.begin(self.response):
            sink.write(self.response.body)
        return self.response

    def close(self):
        pass


def exchange(response: Response, **request: object) -> dict:
    transport = RecordingTransport(Answering(response), 1000)
    sent = Request(**{"operation": "o", "method": "POST", "path": "https://hub.test/x", **request})
    transport.send(sent, timeout=1)
    return transport.exchanges[0]


def test_no_secret_is_recorded_wherever_it_stands():
    signed = "https://cdn.test/f?Signature=signaturesignature&Expires=1"
    body = json.dumps(
        {"accessToken": TOKEN, "casUrl": signed, "text": f"Bearer {TOKEN}", "echo": "bodysecret", "password": "p4s"}
    )
    found = exchange(
        Response(
            status=200,
            headers={"set-cookie": "session=cookiesecret", "location": signed, "x-xet-access-token": "xettoken"},
            body=body.encode(),
        ),
        path="https://user:userpassword@hub.test/x?token=querysecret&a=1",
        headers={"authorization": f"Bearer {TOKEN}", "cookie": "session=requestcookie"},
        body=json.dumps(
            {"key": "NAME", "value": "bodysecret", "client_secret": "clientsecret", "secrets": {"PIN": "9081"}}
        ).encode(),
    )
    text = json.dumps(found)
    for secret in (
        *(TOKEN, "signaturesignature", "cookiesecret", "xettoken", "userpassword", "querysecret", "requestcookie"),
        *("bodysecret", "clientsecret", "p4s", "9081", "authorization"),
    ):
        assert secret not in text, secret
    assert found["request"]["url"] == "https://hub.test/x?token=...&a=1"
    assert found["request"]["body"]["json"]["key"] == "NAME"
    assert found["response"]["headers"]["location"] == "https://cdn.test/f?Signature=...&Expires=1"


def test_a_secret_in_bytes_that_are_no_text_is_not_recorded():
    found = exchange(
        Response(status=200, headers={}, body=b"\xff" + TOKEN.encode()), headers={"authorization": f"Bearer {TOKEN}"}
    )
    assert TOKEN.encode() not in base64.b64decode(found["response"]["body"]["base64"])


def test_a_scrubbed_url_stays_as_it_is_when_it_is_scrubbed_again():
    url = scrubbed_url("https://u:p@cdn.test/f?X-Amz-Signature=abcdef0123&b=1", [])
    assert url == "https://cdn.test/f?X-Amz-Signature=...&b=1"
    assert scrubbed_url(url, []) == url


def test_quotas_are_not_replayed():
    assert scrubbed_headers({"ratelimit": '"api";r=0;t=100', "retry-after": "100", "etag": '"a"'}, []) == {
        "etag": '"a"',
        "retry-after": "0",
    }


def test_a_file_is_written_only_if_the_test_did_not_fail(file):
    with (
        LocalHub() as hub,
        pytest.raises(HfHubHTTPError),
        record(file, HfApi(hub.endpoint, token=hub.token)) as api,
    ):
        api.model_info("o/n")
    assert not file.exists()


def test_other_servers_are_those_that_were_recorded(file):
    with LocalHub() as hub:
        servers = {INFERENCE_ENDPOINTS: f"{hub.endpoint}/"}
        with record(file, HfApi(token=hub.token, settings=Settings(endpoint=hub.endpoint, servers=servers))) as api:
            assert api.list_inference_endpoints() == []
    with replay(file, local()) as api:
        assert api.list_inference_endpoints() == []


EXCHANGE = {
    "request": {"method": "GET", "url": "https://hub.test/x"},
    "response": {"status": 200, "headers": {}, "body": {"text": ""}},
}
FILE = {"format": 1, "endpoint": "https://hub.test", "servers": {}, "exchanges": [EXCHANGE]}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "\xff",
        "{}",
        json.dumps({**FILE, "format": 2}),
        json.dumps({**FILE, "endpoint": None}),
        json.dumps({**FILE, "exchanges": {}}),
        json.dumps({**FILE, "exchanges": [1]}),
        json.dumps({**FILE, "exchanges": [{**EXCHANGE, "response": {}}]}),
        json.dumps({**FILE, "exchanges": [{**EXCHANGE, "request": {"method": "GET"}}]}),
        json.dumps(FILE)[:-5],
    ],
)
def test_another_or_a_damaged_file_is_refused(file, content):
    file.parent.mkdir()
    file.write_text(json.dumps(FILE))
    with replay(file, local()):
        pass
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(ValueError, match=r"test\.json is no file of record"), replay(file, local()):
        pass


def test_threads_may_share_a_client_that_records(file):
    with LocalHub() as hub, record(file, HfApi(hub.endpoint, token=hub.token)) as api:
        threads = [threading.Thread(target=api.whoami) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with replay(file, local()) as api:
        assert len({api.whoami().name for _ in range(8)}) == 1
        with pytest.raises(NotRecordedError):
            api.whoami()
