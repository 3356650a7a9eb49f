"""OAuth apps: registration, logins in a browser and on a device, and the tokens that they get."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from hub_typed import HfApi, HfHubHTTPError, operations
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

BACK = "http://127.0.0.1:9/back"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Clock:
    """A clock that a test advances."""

    def __init__(self) -> None:
        self.seconds = datetime(2024, 5, 1, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hub(tmp_path, clock):
    made = Hub(tmp_path / "hub", now=clock)
    made.accounts.add_organization("lab", {"ada": "admin"})
    return made


@pytest.fixture
def nobody(hub):
    return Caller(hub, None)


def register(caller, **members):
    answer = caller("POST", "/oauth/register", {"redirect_uris": [BACK], "client_name": "App", **members})
    assert answer.status == 201, answer.body
    return answer.json()


def authorize(caller, app, **members):
    given = {"client_id": app["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s", **members}
    answer = caller("GET", f"/oauth/authorize?{urlencode(given)}")
    if answer.status != 302:
        return answer.json()
    assert answer.headers["location"].startswith(f"{BACK}?")
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def token(caller, grant_type, headers=None, **members):
    body = urlencode({"grant_type": grant_type, **members}).encode()
    return caller("POST", "/oauth/token", body, FORM | (headers or {}))


def by_code(caller, app, code, headers=None, **members):
    given = {"client_id": app["client_id"], "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER} | members
    sent = {name: value for name, value in given.items() if value is not None}
    return token(caller, "authorization_code", headers, **sent)


@pytest.fixture
def public(nobody):
    """An app that has no secret."""
    return register(nobody, token_endpoint_auth_method="none")


def test_a_login_in_a_browser_gives_a_token_that_reads(hub, ada, nobody, public):
    assert ada("POST", "/api/repos/create", {"name": "p", "private": True}).status == 200
    back = authorize(
        ada, public, scope="openid profile read-repos", code_challenge=CHALLENGE, code_challenge_method="S256"
    )
    assert back["state"] == "s"

    given = by_code(nobody, public, back["code"])

    assert given.status == 200, given.body
    assert given.json()["scope"] == "openid profile read-repos"
    app = Caller(hub, given.json()["access_token"])
    assert app("GET", "/api/models/ada/p").status == 200
    assert app("PUT", "/api/models/ada/p/settings", {"private": False}).status == 403
    assert app("GET", "/api/whoami-v2").json()["auth"] == {"type": "oauth", "expiresAt": "2024-05-01T08:00:00.000Z"}
    assert by_code(nobody, public, back["code"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "w" * 50}, {"redirect_uri": f"{BACK}/else"}, {"client_id": "0" * 32}], ids=str
)
def test_a_code_is_for_who_asked_for_it(ada, nobody, public, wrong):
    back = authorize(ada, public, code_challenge=CHALLENGE, code_challenge_method="S256")

    assert by_code(nobody, public, back["code"], **wrong).json()["error"] == "invalid_grant"
    assert by_code(nobody, public, back["code"]).status == 200


def test_an_app_with_a_secret_shows_it_and_gets_an_identity(ada, nobody):
    app = register(nobody)
    code = authorize(ada, app, nonce="n")["code"]
    assert by_code(nobody, app, code).json()["error"] == "invalid_client"
    assert by_code(nobody, app, code, client_secret="guess").json()["error"] == "invalid_client"
    secret = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()

    given = token(nobody, "authorization_code", {"authorization": f"Basic {secret}"}, code=code, redirect_uri=BACK)

    assert given.status == 200
    signed, _, signature = given.json()["id_token"].rpartition(".")
    made = hmac.new(app["client_secret"].encode(), signed.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == made
    claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
    assert (claims["preferred_username"], claims["aud"], claims["nonce"]) == ("ada", app["client_id"], "n")


def test_a_code_whose_challenge_was_removed_is_not_for_an_app_with_a_verifier(ada, nobody):
    app = register(nobody)
    code = authorize(ada, app)["code"]

    assert by_code(nobody, app, code, client_secret=app["client_secret"]).json()["error"] == "invalid_grant"


def test_what_is_no_request_of_the_app_is_not_sent_to_its_url(ada, public):
    assert authorize(ada, public, redirect_uri="http://127.0.0.1:9/evil")["error"] == "invalid_request"
    assert authorize(ada, {"client_id": "0" * 32})["error"] == "invalid_client"
    assert authorize(ada, public, response_type="token")["error"] == "unsupported_response_type"
    assert authorize(ada, public)["error"] == "invalid_request"
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    assert authorize(ada, public, **plain)["error"] == "invalid_request"


def test_an_app_writes_only_for_who_may_write(hub, ada, nobody, login):
    app = register(nobody)
    scope = "read-repos write-repos"
    secret = {"client_secret": app["client_secret"], "code_verifier": None}

    reads = by_code(nobody, app, authorize(login(hub, "ada", "read"), app, scope=scope)["code"], **secret).json()
    writes = by_code(nobody, app, authorize(ada, app, scope=scope)["code"], **secret).json()

    assert (reads["scope"], writes["scope"]) == ("read-repos", scope)
    made = {"name": "n", "organization": "lab"}
    assert Caller(hub, reads["access_token"])("POST", "/api/repos/create", made).status == 403
    assert Caller(hub, writes["access_token"])("POST", "/api/repos/create", made).status == 200
    assert authorize(Caller(hub, writes["access_token"]), app)["error"] == "access_denied"
    assert authorize(nobody, app)["error"] == "access_denied"


def test_the_session_of_a_browser_lets_an_app_only_read(hub, ada, nobody):
    """Pages of other ports of this machine can start a login, and the browser adds its cookies."""
    app = register(nobody)
    cookie = hub.sessions.log_in(ada.token).partition(";")[0]
    given = {"client_id": app["client_id"], "redirect_uri": BACK, "response_type": "code"}
    path = f"/oauth/authorize?{urlencode({**given, 'scope': 'read-repos write-repos'})}"

    back = urlsplit(nobody("GET", path, headers={"cookie": cookie}).headers["location"])

    code, secret = parse_qs(back.query)["code"][0], app["client_secret"]
    told = by_code(nobody, app, code, client_secret=secret, code_verifier=None).json()
    assert told["scope"] == "read-repos"
    assert Caller(hub, told["access_token"])("GET", "/api/whoami-v2").json()["name"] == "ada"


def test_a_refreshed_token_takes_over_and_the_old_one_expires(hub, ada, nobody, public, clock):
    back = authorize(ada, public, code_challenge=CHALLENGE, code_challenge_method="S256")
    first = by_code(nobody, public, back["code"]).json()
    asked = {"client_id": public["client_id"], "refresh_token": first["refresh_token"]}

    clock.seconds += first["expires_in"]
    assert Caller(hub, first["access_token"])("GET", "/api/whoami-v2").status == 401
    second = token(nobody, "refresh_token", **asked).json()

    assert Caller(hub, second["access_token"])("GET", "/api/whoami-v2").status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert token(nobody, "refresh_token", **asked).json()["error"] == "invalid_grant"


def test_a_device_login_waits_for_its_user(hub, nobody, clock):
    hub.accounts.oauth.approves_at_once = False
    body = urlencode({"client_id": "a program", "scope": "read-repos write-repos"}).encode()
    login = nobody("POST", "/oauth/device", body, FORM).json()
    asked = {"client_id": "a program", "device_code": login["device_code"]}

    assert token(nobody, DEVICE, **asked).json()["error"] == "authorization_pending"
    assert token(nobody, DEVICE, **asked).json()["error"] == "slow_down"
    clock.seconds += login["interval"]
    hub.accounts.oauth.decide(login["user_code"], "ada")

    given = token(nobody, DEVICE, **asked).json()
    assert Caller(hub, given["access_token"])("GET", "/api/whoami-v2").json()["name"] == "ada"
    assert token(nobody, DEVICE, **asked).json()["error"] == "expired_token"


def test_a_device_login_is_denied_or_expires(hub, nobody, clock):
    body = urlencode({"client_id": "a program"}).encode()
    hub.accounts.oauth.approves_at_once = False
    denied, late = (nobody("POST", "/oauth/device", body, FORM).json() for _ in range(2))

    hub.accounts.oauth.decide(denied["user_code"], None)

    asked = {"client_id": "a program", "device_code": denied["device_code"]}
    assert token(nobody, DEVICE, **asked).json()["error"] == "access_denied"
    clock.seconds += late["expires_in"]
    asked["device_code"] = late["device_code"]
    assert token(nobody, DEVICE, **asked).json()["error"] == "expired_token"
    with pytest.raises(KeyError):
        hub.accounts.oauth.decide(late["user_code"], "ada")


def test_scopes_decide_what_is_told_of_the_user(hub, ada, nobody):
    hub.accounts.add_user("ada", fullname="Ada Lovelace", email="ada@example.com")
    ada("POST", "/api/repos/create", {"name": "p", "private": True})
    app = register(nobody)

    def told(scope):
        code = authorize(ada, app, scope=scope)["code"]
        given = by_code(nobody, app, code, client_secret=app["client_secret"], code_verifier=None).json()
        caller = Caller(hub, given["access_token"])
        assert caller("GET", "/api/models/ada/p").status == 404  # without read-repos
        info = caller("POST", "/oauth/userinfo").json()
        assert info == caller("GET", "/oauth/userinfo").json()
        return info

    assert told("openid").keys() == {"sub"}
    assert told("openid email")["email"] == "ada@example.com"
    info = told("openid profile")
    assert (info["name"], info["preferred_username"]) == ("Ada Lovelace", "ada")
    assert [(one["preferred_username"], one["roleInOrg"]) for one in info["orgs"]] == [("lab", "admin")]
    assert "email" not in info


def test_apps_and_grants_survive_a_restart(hub, ada, nobody, public, clock):
    back = authorize(ada, public, code_challenge=CHALLENGE, code_challenge_method="S256")
    again = Hub(hub.store._root, now=clock)

    given = by_code(Caller(again, None), public, back["code"]).json()

    assert Caller(Hub(hub.store._root, now=clock), given["access_token"])("GET", "/api/whoami-v2").status == 200


@pytest.mark.parametrize(
    "wrong",
    [{"token_endpoint_auth_method": "private_key_jwt"}, {"redirect_uris": ["nowhere"]}]
    + [{"redirect_uris": [f"{BACK}{end}"]} for end in ("#c", "\r\nset-cookie: a=b", " d", "é")],
    ids=str,
)
def test_apps_that_cannot_be_are_refused(nobody, wrong):
    assert nobody("POST", "/oauth/register", {"redirect_uris": [BACK]} | wrong).status == 400


def test_other_kinds_of_grants_are_refused(nobody):
    answer = token(nobody, "urn:ietf:params:oauth:grant-type:token-exchange", subject_token="x")
    assert answer.json()["error"] == "unsupported_grant_type"
    assert token(nobody, DEVICE).json()["error"] == "invalid_client"
    assert token(nobody, DEVICE, client_id="a").json()["error"] == "invalid_request"


def test_a_program_without_a_token_logs_in_as_the_user_of_the_hub_to_read():
    with LocalHub() as hub:
        with HfApi(hub.endpoint, hub.token) as owner:
            owner.create_repo("p", private=True)
        with HfApi(hub.endpoint, False) as program:
            found = program.call(operations.oauth.get_openid_configuration())
            assert found.device_authorization_endpoint == f"{hub.endpoint}/oauth/device"
            login = program.call(
                operations.oauth.oauth_device_code(client_id="a program", scope="profile read-repos write-repos")
            )
            given = program.call(
                operations.oauth.oauth_token(grant_type=DEVICE, client_id="a program", device_code=login.device_code)
            )
        with HfApi(hub.endpoint, given.access_token) as program:
            assert program.whoami().name == hub.user
            assert program.model_info(f"{hub.user}/p").private
            assert program.call(operations.oauth.oauth_userinfo()).preferred_username == hub.user
            with pytest.raises(HfHubHTTPError):
                program.create_repo("other")
