"""Pages of the embedded Hub in a real browser: Chromium without a screen."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from hub_typed import HfApi
from hub_typed.errors import HfHubHTTPError
from hub_typed.local import LocalHub
from tests.local.webhooks.test_delivery import Ear

CHROMIUM = shutil.which("chromium")
MODEL = "/local-user/m"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root, as whom containers run tests; it loads pages of this machine only.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, local: LocalHub, api: HfApi) -> Iterator[Page]:
    """A new window that is not logged in; fails where a page tries what its policy forbids."""
    context = chromium.new_context(base_url=local.endpoint)
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    yield page
    context.close()
    assert not [text for text in messages if "Failed to load resource" not in text]


def log_in(page: Page, token: str) -> None:
    page.goto("/-/login")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_from_the_list_to_a_file(page):
    page.goto("/")
    page.get_by_role("link", name="local-user/m").click()
    page.get_by_role("link", name="Files").click()
    page.get_by_role("link", name="data/").click()
    page.get_by_role("link", name="table.csv").click()
    expect(page.locator("pre")).to_have_text("a,b\n1,<b>\n")
    assert page.url.endswith(f"{MODEL}/blob/main/data/table.csv")


def test_a_readme_is_rendered_and_its_script_does_not_run(page):
    page.goto(MODEL)
    expect(page.get_by_role("heading", name="A model")).to_be_visible()
    expect(page.locator("article")).to_contain_text('<script>document.title = "broken"</script>')
    expect(page).to_have_title("local-user/m")
    assert page.locator("article img, article script").count() == 0
    page.get_by_role("link", name="data", exact=True).click()
    expect(page.locator("pre")).to_contain_text("1,<b>")


def test_a_script_in_the_page_would_not_run(chromium, local, api):
    context = chromium.new_context(base_url=local.endpoint)
    page = context.new_page()
    page.goto(MODEL)
    ran, refused = page.evaluate(
        """() => new Promise(done => {
            const refused = new Set();
            const made = document.createElement("div");
            document.addEventListener("securitypolicyviolation", event => {
                refused.add(event.violatedDirective);
                if (refused.size === 2) done([window.ran === true, [...refused].sort()]);
            });
            made.innerHTML = '<img src="x" onerror="window.ran = true">';
            document.body.append(made);
        })"""
    )
    assert (ran, refused) == (False, ["img-src", "script-src-attr"])
    context.close()


def test_the_style_sheet_is_loaded(page):
    page.goto("/")
    assert page.locator("nav").first.evaluate("one => getComputedStyle(one).display") == "flex"


def test_a_raw_file_of_html_is_text(api, page):
    api.upload_file(
        path_or_fileobj=b"<html><script>document.title='broken'</script><b>x</b></html>",
        path_in_repo="page.html",
        repo_id="local-user/m",
    )
    page.goto(f"{MODEL}/blob/main/page.html")
    page.get_by_role("link", name="Download").click()
    expect(page.locator("body")).to_contain_text("<b>x</b>")
    assert page.locator("b").count() == 0
    assert page.title() != "broken"


def test_a_pull_request_shows_its_diff(page, pull_request):
    page.goto(f"{MODEL}/discussions")
    page.locator(f'a[href="{pull_request}"]').click()
    expect(page.locator(".diff .removed")).to_have_text("-1,<b>")
    expect(page.locator(".diff .added")).to_have_text("+1,<i>")


def test_logging_in_leads_back_and_scripts_do_not_see_the_cookie(local, api, page):
    api.create_repo("local-user/hidden", private=True)
    page.goto("/local-user/hidden/tree/main")
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_label("Token").fill(local.token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name=".gitattributes")).to_be_visible()
    assert page.url.endswith("/local-user/hidden/tree/main")
    assert page.evaluate("document.cookie") == ""
    (cookie,) = page.context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    expect(page.get_by_text("local-user/hidden")).to_have_count(0)


def test_an_access_request_is_accepted(local, asked, page):
    log_in(page, local.token)
    page.get_by_role("link", name="Access requests").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("cell", name="accepted")).to_be_visible()
    assert asked() == "accepted"
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("cell", name="rejected")).to_be_visible()
    assert asked() == "rejected"


def test_a_delivery_is_sent_again(local, api, page):
    ear = Ear()
    try:
        api.create_webhook(url=ear.url, watched=[{"type": "user", "name": "local-user"}])
        api.create_repo("local-user/other")
        assert local.hub.webhooks.queue.wait()
        log_in(page, local.token)
        page.get_by_role("link", name="Webhooks").click()
        page.get_by_role("button", name="Send again").click()
        expect(page.get_by_role("button", name="Send again")).to_have_count(2)
        assert local.hub.webhooks.queue.wait()
        assert ear.events == ["create repo"] * 2
    finally:
        ear.close()


def test_a_fault_that_is_switched_on_lets_a_client_fail_until_it_is_off(local, api, page):
    log_in(page, local.token)
    page.get_by_role("link", name="Faults").click()
    page.get_by_label("Arguments").fill('{"status": 418}')
    page.get_by_label("Operation").fill("models.model_info")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()
    with pytest.raises(HfHubHTTPError, match="418"):
        api.model_info("local-user/m")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch off")).to_have_count(0)
    assert api.model_info("local-user/m").id == "local-user/m"


def test_requests_are_shown_as_they_come_in(local, api, page):
    log_in(page, local.token)
    page.get_by_role("link", name="Requests", exact=True).click()
    page.get_by_role("link", name="Load again").click()
    api.repo_exists("local-user/nothing")
    expect(page.get_by_role("cell", name="/api/models/local-user/nothing")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Stop").click()


FORM = '<form id="f" method="post" action="{}/-/faults/add"><input name="type" value="Reset"></form>'


@pytest.fixture
def elsewhere(local: LocalHub) -> Iterator[str]:
    """Origin of another server of this machine, whose page sends a form to the Hub."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"{FORM.format(local.endpoint)}<script>f.submit()</script>".encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f":{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_form_of_another_origin_is_refused(local, page, elsewhere, host):
    """Of 127.0.0.1, the browser sends the cookie along: ports of a host are one site."""
    log_in(page, local.token)
    with page.expect_response("**/-/faults/add") as answered:
        page.goto(f"http://{host}{elsewhere}/", wait_until="commit")
    assert answered.value.status == 403
    assert ("cookie" in answered.value.request.all_headers()) == (host == "127.0.0.1")
    assert local.faults.rules == []
