"""Pages of the embedded Hub over HTTP: what they show, to whom, and that no client notices them."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from hub_typed import CommitOperationAdd, HfHubHTTPError, operations
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status
from hub_typed.local.git.objects import AuthoredMessage, Put
from hub_typed.local.pages.diffs import diff_lines
from tests.local.webhooks.test_delivery import Ear

MODEL = "/local-user/m"
BUCKET = "/buckets/local-user/b"
PAGES = [
    "/",
    "/buckets",
    BUCKET,
    f"{BUCKET}/tree/d%20%3C",
    "/models",
    "/datasets",
    "/kernels",
    "/local-user",
    MODEL,
    f"{MODEL}/tree/main",
    f"{MODEL}/tree/main/data",
    f"{MODEL}/blob/main/data/table.csv",
    f"{MODEL}/commits/main",
    f"{MODEL}/commit/main",
    f"{MODEL}/discussions",
    "/-/login",
]
OWN = ["/-/requests", "/-/faults", "/-/webhooks", "/-/access-requests", "/-/device"]
FORMS = [
    "/-/login",
    "/-/logout",
    "/-/faults/add",
    "/-/faults/remove",
    "/-/faults/clear",
    "/-/webhooks/replay",
    "/-/access-requests/decide",
    "/-/device/decide",
]


def ask(endpoint, path, **headers):
    with closing(http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


@pytest.mark.parametrize("path", PAGES)
def test_everyone_sees_what_is_public(api, browser, path):
    shown = browser.get(path)
    assert (shown.status, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<script" not in shown.text


def test_a_bucket_is_shown_folder_by_folder(api, browser):
    assert f'<a href="{BUCKET}">local-user/b</a>' in browser.get("/buckets?q=B").text
    assert "local-user/b" not in browser.get("/buckets?q=x").text

    root = browser.get(BUCKET).text
    assert f'<a href="{BUCKET}/tree/d%20%3C">d &lt;/</a>' in root
    assert f'<a href="{BUCKET}/resolve/a.txt?download=1">a.txt</a>' in root
    folder = browser.get(f"{BUCKET}/tree/d%20%3C").text
    assert f'<a href="{BUCKET}/resolve/d%20%3C/e?download=1">e</a>' in folder
    assert f'<a href="{BUCKET}">..</a>' in folder


def test_a_private_bucket_is_shown_to_its_owner(api, local, browser, owner):
    local.hub.buckets.find("local-user/b").change(private=True)

    assert browser.get(BUCKET).status == 401
    assert "local-user/b" not in browser.get("/buckets").text
    assert "resolve" not in owner.get(BUCKET).text


@pytest.mark.parametrize("path", [*PAGES, *OWN, "/nobody/nothing", "/-/style.css"])
def test_a_page_may_load_its_style_only_and_is_not_stored_or_framed(api, owner, path):
    headers = owner.get(path).headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "form-action 'self'"} <= {*policy}
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [*PAGES, *OWN, f"{MODEL}/tree/none"])
def test_head_is_get_without_the_page(api, owner, path):
    head, whole = owner.head(path), owner.get(path)
    assert (head.status, head.text) == (whole.status, "")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == str(len(whole.text.encode()))


@pytest.mark.parametrize("path", ["/-/nothing", "/-/logout", "/-/"])
def test_an_unknown_page_of_the_hub_is_no_repository(browser, path):
    shown = browser.get(path)
    assert shown.status == 404
    assert "no such page" in shown.text


def test_a_line_of_a_diff_ends_where_git_ends_it():
    content = "a\u2028diff --git a/evil b/evil\x0c@@ -1 +1 @@"
    shown = diff_lines(f"diff --git a/x b/x\n@@ -0,0 +1 @@\n+{content}\n")
    assert shown.lines == [("file", "diff --git a/x b/x"), ("hunk", "@@ -0,0 +1 @@"), ("added", f"+{content}")]


def test_folders_lead_to_files(api, browser):
    assert f'href="{MODEL}/tree/main/data"' in browser.get(f"{MODEL}/tree/main").text
    assert f'href="{MODEL}/blob/main/data/table.csv"' in browser.get(f"{MODEL}/tree/main/data").text
    assert "<pre>a,b\n1,&lt;b&gt;\n</pre>" in browser.get(f"{MODEL}/blob/main/data/table.csv").text


def test_names_are_escaped(api, browser):
    api.upload_file(path_or_fileobj=b"x", path_in_repo='a "><script> & #?.txt', repo_id="local-user/m")
    text = browser.get(f"{MODEL}/tree/main").text
    assert "<script" not in text
    link = f"{MODEL}/blob/main/a%20%22%3E%3Cscript%3E%20%26%20%23%3F.txt"
    assert f'href="{link}"' in text
    assert browser.get(link).status == 200


def test_characters_that_change_the_direction_of_text_are_escaped(api, browser):
    name = "photo\u202egpj.txt"
    add = CommitOperationAdd(name, "if a: \u2066# \u202e".encode())
    readme = CommitOperationAdd("README.md", "---\nlicense: mit\n---\n# One \u202eeno".encode())
    api.create_commit("local-user/m", [add, readme], commit_message="Add \u202etxt")
    link = f"{MODEL}/blob/main/photo%E2%80%AEgpj.txt"
    listed = browser.get(f"{MODEL}/tree/main").text
    assert "photo\\u202egpj.txt" in listed
    assert f'href="{link}"' in listed
    for path in (f"{MODEL}/tree/main", link, MODEL, f"{MODEL}/commits/main", f"{MODEL}/commit/main"):
        text = browser.get(path).text
        assert "\\u202e" in text
        assert "\u202e" not in text


def test_large_and_binary_files_are_not_shown(local, api, browser):
    repo = local.hub.store.find("model", "local-user/m")
    files = {"zero": b"a\0b", "latin": b"\xe9", "long": b"a" * (256 << 10) + b"a"}
    with repo.writing() as git:
        changes = [Put(name, content) for name, content in files.items()]
        git.commit("main", git.branch("main"), changes, AuthoredMessage(user="local-user", message="files"))
    for name in files:
        text = browser.get(f"{MODEL}/blob/main/{name}").text
        assert "<pre>" not in text
        assert "binary, or too large" in text
    api.upload_file(path_or_fileobj=b"weights", path_in_repo="a.safetensors", repo_id="local-user/m")
    assert "An LFS file" in browser.get(f"{MODEL}/blob/main/a.safetensors").text


def test_a_commit_and_a_pull_request_show_their_changes(api, browser, pull_request):
    commit = api.list_repo_commits("local-user/m")[0].commit_id
    assert '<span class="line added">+1,&lt;b&gt;</span>' in browser.get(f"{MODEL}/commit/{commit}").text
    text = browser.get(pull_request).text
    assert '<span class="line removed">-1,&lt;b&gt;</span>' in text
    assert '<span class="line added">+1,&lt;i&gt;</span>' in text


def test_comments_are_shown_as_text(api, browser):
    api.create_discussion("local-user/m", title="A <b> title", description="<script>alert(1)</script>")
    assert "A &lt;b&gt; title" in browser.get(f"{MODEL}/discussions").text
    assert "&lt;script&gt;alert(1)" in browser.get(f"{MODEL}/discussions/1").text


def test_a_renamed_repository_is_found_by_its_old_name(api, browser):
    api.move_repo("local-user/m", "local-user/new")
    shown = browser.get(f"{MODEL}/tree/main")
    assert (shown.status, shown.headers["location"]) == (307, "/local-user/new/tree/main")


def test_what_is_private_is_shown_to_its_owner_alone(local, api, browser, owner):
    api.create_repo("local-user/hidden", private=True)
    other = type(browser)(local.endpoint)
    other.log_in(local.add_user("bob"))
    for one in (browser, other):
        assert "hidden" not in one.get("/").text
        for path in ("", "/tree/main", "/blob/main/.gitattributes", "/commits/main", "/commit/main", "/discussions"):
            shown = one.get(f"/local-user/hidden{path}")
            assert shown.status == (401 if one is browser else 404)
            assert "filter=lfs" not in shown.text
    assert "local-user/hidden" in owner.get("/").text
    assert owner.get("/local-user/hidden/blob/main/.gitattributes").status == 200


def test_the_files_of_a_gated_repository_need_access(local, api, asked, browser, owner):
    other = type(browser)(local.endpoint)
    other.log_in(local.add_user("bob"))
    commit = api.list_repo_commits("local-user/m")[0].commit_id
    for one in (browser, other):
        assert "A model" not in one.get(MODEL).text
        assert one.get(f"{MODEL}/blob/main/data/table.csv").status in (401, 403)
        assert "1,&lt;b&gt;" not in one.get(f"{MODEL}/commit/{commit}").text
    assert owner.post("/-/access-requests/decide", **form_of(local), status="accepted").status == 303
    assert asked() == "accepted"
    assert "A model" in other.get(MODEL).text
    assert "1,&lt;b&gt;" in other.get(f"{MODEL}/commit/{commit}").text


def form_of(local: LocalHub) -> dict[str, str]:
    repo = local.hub.store.find("model", "local-user/m")
    assert repo is not None
    request = repo.access_requests.of("bob")
    assert request is not None
    return {"repo_type": "model", "repo_id": "local-user/m", "id": request.id}


def test_only_its_owner_decides_on_an_access_request(local, asked, browser):
    form = {**form_of(local), "status": "accepted"}
    assert browser.post("/-/access-requests/decide", **form).status == 401
    browser.log_in(local.add_user("bob"))
    assert "bob</td>" not in browser.get("/-/access-requests").text
    assert browser.post("/-/access-requests/decide", **form).status == 403
    browser.log_in(local.read_token)
    assert browser.post("/-/access-requests/decide", **form).status == 403
    assert asked() == "pending"


def test_requests_are_listed_with_operation_and_status(api, owner, browser):
    browser.get(f"{MODEL}/tree/main")
    api.model_info("local-user/m")
    text = owner.get("/-/requests").text
    assert f"<td>/api/models{MODEL}</td>" in text
    assert "<td>models.model_info</td>" in text
    assert f"<td>{MODEL}/tree/main</td>" not in text
    assert 'http-equiv="refresh" content="2"' in owner.get("/-/requests?refresh=2").text


def test_a_fault_is_switched_on_and_off(local, api, owner):
    assert owner.post("/-/faults/add", type="Status", arguments='{"status": 503}', times="2").status == 303
    rule = local.faults.rules[0]
    assert (rule.fault, rule.operation, rule.times) == (Status(503), "*", 2)
    status, *_ = ask(local.endpoint, "/api/models/local-user/m")
    assert (status, rule.count) == (503, 1)
    assert owner.post("/-/faults/remove", id=str(rule.id)).status == 303
    assert local.faults.rules == []
    assert owner.post("/-/faults/remove", id=str(rule.id)).status == 404
    for _ in range(2):
        owner.post("/-/faults/add", type="Reset", operation="storage.upload*")
    assert owner.post("/-/faults/clear").status == 303
    assert local.faults.rules == []


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "Nothing"},
        {"type": "Status", "arguments": "{"},
        {"type": "Status", "arguments": "[" * 5000},
        {"type": "Status", "arguments": '{"status": "503"}'},
        {"type": "Reset", "operation": "nothing.at_all"},
        {"type": "Reset", "times": "many"},
    ],
)
def test_a_wrong_fault_is_refused(local, owner, fields):
    assert owner.post("/-/faults/add", **fields).status == 400
    assert local.faults.rules == []


def test_a_field_that_must_be_a_number_is_named(owner):
    refused = owner.post("/-/faults/add", type="Reset", times="many")
    assert "times must be an integer, not &#39;many&#39;" in refused.text


def test_pages_have_no_faults(local, api, owner):
    rule = local.faults.add(Status(503))
    assert [owner.get(path).status for path in (*PAGES, *OWN)] == [200] * (len(PAGES) + len(OWN))
    assert rule.matched == 0
    assert owner.post("/-/faults/clear").status == 303


def test_a_delivery_is_sent_again(local, api, owner):
    ear = Ear()
    try:
        api.create_webhook(url=ear.url, watched=[{"type": "user", "name": "local-user"}], secret="hush-hush")
        api.create_repo("local-user/other")
        assert local.hub.webhooks.queue.wait()
        text = owner.get("/-/webhooks").text
        assert "create repo" in text
        assert "hush-hush" not in text
        assert "a=b" not in text
        assert owner.post("/-/webhooks/replay", id=local.hub.webhooks.deliveries[-1].id).status == 303
        assert local.hub.webhooks.queue.wait()
        assert ear.payloads[0] == ear.payloads[-1]
        assert len(ear.payloads) == 2
        assert owner.post("/-/webhooks/replay", id="unknown").status == 404
    finally:
        ear.close()


@pytest.mark.parametrize("decision", ["approved", "denied"])
def test_a_user_decides_on_the_login_of_a_device(local, api, browser, decision):
    local.hub.accounts.oauth.approves_at_once = False
    login = api.call(operations.oauth.oauth_device_code(client_id="<program>", scope="read-repos write-repos"))
    page = login.verification_uri_complete.removeprefix(local.endpoint)
    ask = operations.oauth.oauth_token(
        grant_type="urn:ietf:params:oauth:grant-type:device_code",
        client_id="<program>",
        device_code=login.device_code,
    )
    assert browser.get(page).status == 401

    browser.log_in(local.add_user("bob"))
    shown = browser.get(page).text
    assert "<code>&lt;program&gt;</code> asks to act as bob" in shown
    assert "read-repos write-repos" in shown
    assert decision in browser.post("/-/device/decide", user_code=login.user_code, decision=decision).text

    if decision == "approved":
        assert api.whoami(token=api.call(ask).access_token).name == "bob"
    else:
        with pytest.raises(HfHubHTTPError, match="access_denied"):
            api.call(ask)
    assert browser.get(page).status == 404


@pytest.mark.parametrize("path", OWN)
def test_the_pages_of_the_hub_need_a_write_token_of_its_user(local, api, browser, path):
    assert browser.get(path).status == 401
    browser.log_in(local.read_token)
    assert browser.get(path).status == 403
    if path not in ("/-/access-requests", "/-/device"):
        browser.log_in(local.add_user("bob"))
        assert browser.get(path).status == 403
        assert browser.post("/-/faults/add", type="Reset").status == 403
        assert local.faults.rules == []


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("origin", [None, "null", "http://evil.test", "http://127.0.0.1:1", "http://localhost"])
def test_a_form_of_another_origin_is_refused(local, owner, path, origin):
    shown = owner.post(path, origin=origin, token=local.token, type="Reset")
    assert shown.status == 403
    assert "set-cookie" not in shown.headers
    assert local.faults.rules == []


def test_a_form_of_another_origin_with_a_token_is_refused_too(local, owner):
    token = {"authorization": f"Bearer {local.token}", "origin": "http://evil.test"}
    with closing(http.client.HTTPConnection(urlsplit(local.endpoint).netloc, timeout=20)) as connection:
        connection.request("POST", "/-/faults/add", "type=Reset", {**token, "cookie": owner.cookie})
        assert connection.getresponse().status == 403
    assert local.faults.rules == []


@pytest.mark.parametrize("path", ["/", "/-/login", "/-/faults", "/-/style.css"])
def test_a_page_by_another_host_name_is_refused(local, path):
    status, _, text = ask(local.endpoint, path, host="evil.test", accept="text/html")
    assert status == 421
    assert "<html" not in text


def test_the_cookie_of_a_login_holds_no_token_and_is_for_pages_only(local, api, browser):
    shown = browser.post("/-/login", token=local.token, next=f"{MODEL}/tree/main?p=0")
    assert (shown.status, shown.headers["location"]) == (303, f"{MODEL}/tree/main?p=0")
    assert local.token not in shown.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {*shown.headers["set-cookie"].split("; ")}
    api.create_repo("local-user/hidden", private=True)
    assert browser.get("/local-user/hidden").status == 200
    assert ask(local.endpoint, "/api/models/local-user/hidden", cookie=browser.cookie)[0] == 401
    assert ask(local.endpoint, "/_faults", cookie=browser.cookie)[0] == 401


def test_a_wrong_token_logs_nobody_in(browser):
    shown = browser.post("/-/login", token="hf_wrong")
    assert (shown.status, "set-cookie" in shown.headers) == (401, False)
    assert "hf_wrong" not in shown.text


@pytest.mark.parametrize("target", ["//evil.test", "/\\evil.test", "http://evil.test", "", "/a\r\nset-cookie: a=b"])
def test_a_login_leads_to_this_hub_only(local, browser, target):
    shown = browser.post("/-/login", token=local.token, next=target)
    assert (shown.status, shown.headers["location"]) == (303, "/")


def test_a_session_ends_with_its_token_or_at_logout(local, browser):
    browser.log_in(local.token)
    session = browser.cookie
    assert browser.get("/-/faults").status == 200
    assert browser.post("/-/logout").status == 303
    browser.cookie = session
    assert browser.get("/-/faults").status == 401
    browser.log_in(local.token)
    local.refresh_token(local.token)
    assert browser.get("/-/faults").status == 401


def test_a_session_ends_when_the_hub_returns_to_a_saved_state(local, owner):
    state = local.hub.save()
    assert owner.get("/-/faults").status == 200
    local.hub.restore(state)
    assert owner.get("/-/faults").status == 401


def test_the_oldest_sessions_end_when_there_are_many(local, browser):
    browser.log_in(local.token)
    first = browser.cookie
    for _ in range(100):
        local.hub.sessions.log_in(local.token)
    browser.cookie = first
    assert browser.get("/-/faults").status == 401


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
@pytest.mark.parametrize("path", ["/", MODEL, f"{MODEL}/tree/main", f"{MODEL}/discussions/1", "/models"])
def test_clients_that_want_no_html_get_what_they_got(local, api, path, accept):
    status, headers, text = ask(local.endpoint, path, **({"accept": accept} if accept else {}))
    assert (status, headers["content-type"]) == (404, "application/json; charset=utf-8")
    assert json.loads(text) == {"error": "Sorry, we can't find the page you are looking for."}


@pytest.mark.parametrize(
    "path",
    [
        f"{MODEL}/resolve/main/README.md",
        f"{MODEL}/raw/main/README.md",
        "/api/models/local-user/m",
        f"{MODEL}/ask-access",
    ],
)
def test_a_path_of_the_api_has_no_page(local, api, path):
    plain, asked = (ask(local.endpoint, path, accept=accept) for accept in ("*/*", "text/html"))
    assert plain[0] == asked[0]
    assert plain[2] == asked[2]
    assert plain[1]["content-type"] == asked[1]["content-type"]
    assert not asked[1]["content-type"].startswith("text/html")


def test_what_a_browser_looks_at_is_not_counted(local, api, owner):
    before = local.stats.snapshot()
    for path in (*PAGES, *OWN):
        owner.get(path)
    assert (local.stats.snapshot() - before).requests == {}


def test_without_its_packages_a_page_says_what_to_install(tmp_path):
    program = """
import sys
sys.modules["jinja2"] = None
from io import BytesIO
from pathlib import Path
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.server.app import Hub
asked = IncomingRequest(method="GET", path="/", headers={"accept": "text/html"}, body=BytesIO(), size=0,
                        origin="http://hub.test", storage_origin="http://storage.test")
answer = Hub(Path(sys.argv[1])).answer(asked)
print(answer.status, answer.body.decode())
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("501 ")
    assert "jinja2: pip install &#x27;hub-typed[pages]&#x27;" in done.stdout
