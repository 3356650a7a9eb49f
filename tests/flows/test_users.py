"""What follows from whose token it is."""

from __future__ import annotations

import pytest

from hub_typed.errors import HfHubHTTPError
from hub_typed.flows import users
from hub_typed.flows.users import get_full_repo_name, get_token_permission, whoami
from hub_typed.http.io import drive

ME = {"type": "user", "name": "me"}

pytestmark = pytest.mark.filterwarnings("ignore:get_token_permission is deprecated")


def test_a_repository_without_an_owner_is_of_the_account(hub):
    assert hub.run(get_full_repo_name(hub.says(200, ME).io(token="hf_mine"), "n")) == "me/n"
    assert hub.asked[0].path == "https://hub.test/api/whoami-v2"
    assert hub.asked[0].headers["authorization"] == "Bearer hf_mine"


def test_an_owner_that_is_known_need_not_be_asked_for(hub):
    assert hub.run(get_full_repo_name(hub.io(), "n", organization="o")) == "o/n"
    assert hub.run(get_full_repo_name(hub.io(), "o/n")) == "o/n"


def test_without_a_valid_token_there_is_no_account(hub):
    with pytest.raises(HfHubHTTPError, match=r"^401"):
        hub.run(get_full_repo_name(hub.says(401).io(), "n"))


@pytest.mark.parametrize("role", ["read", "write", "fineGrained", "new"])
def test_a_token_tells_what_it_may_do(hub, role):
    account = {**ME, "auth": {"type": "access_token", "accessToken": {"displayName": "x", "role": role}}}
    assert hub.run(get_token_permission(hub.says(200, account).io())) == role


def test_the_role_of_a_token_is_deprecated(hub):
    account = {**ME, "auth": {"type": "access_token", "accessToken": {"displayName": "x", "role": "read"}}}
    with pytest.warns(FutureWarning, match="use whoami"):
        hub.run(get_token_permission(hub.says(200, account).io()))


@pytest.mark.parametrize(("status", "body"), [(200, ME), (200, {**ME, "auth": {"type": "oauth"}}), (401, {})])
def test_what_is_no_access_token_may_nothing(hub, status, body):
    assert hub.run(get_token_permission(hub.says(status, body).io())) is None


def test_a_token_that_is_demanded_and_missing_may_nothing(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert hub.run(get_token_permission(hub.io(token=True, token_path=str(tmp_path / "none")))) is None


def test_a_hub_that_is_busy_says_nothing_about_the_token(hub):
    with pytest.raises(HfHubHTTPError, match=r"^429"):
        hub.run(get_token_permission(hub.says(429).io(attempts=1)))


@pytest.fixture
def keeps_nothing():
    users.discard_cached_accounts()
    yield
    users.discard_cached_accounts()


@pytest.mark.usefixtures("keeps_nothing")
def test_an_account_is_cached_by_token_and_hub(hub):
    def name(**options):
        cache = options.pop("cache", True)
        return drive(whoami(hub.io(**{"token": "hf_a", **options}), cache=cache)).name

    for number in range(6):
        hub.says(200, {**ME, "name": str(number)})
    assert [name(), name()] == ["0", "0"]
    assert [name(token="hf_b"), name(endpoint="https://other.test")] == ["1", "2"]
    assert [name(headers={"authorization": "Bearer hf_c"}), name(cache=False), name()] == ["3", "4", "0"]
    users.discard_cached_accounts()
    assert [name(), name()] == ["5", "5"]
    assert hub.exhausted
    assert "hf_a" not in repr(users._cached)


@pytest.mark.usefixtures("keeps_nothing")
def test_a_cached_account_may_be_changed_by_its_caller(hub):
    hub.says(200, {**ME, "orgs": [{"type": "org", "name": "lab"}]})
    io = hub.io(token="hf_a")
    for _ in range(3):
        account = hub.run(whoami(io, cache=True))
        assert [one.name for one in account.orgs] == ["lab"]
        account.orgs.clear()


@pytest.mark.usefixtures("keeps_nothing")
def test_an_account_that_was_not_told_is_not_cached(hub):
    io = hub.says(401).says(200, ME).io(token="hf_a")
    with pytest.raises(HfHubHTTPError):
        drive(whoami(io, cache=True))
    assert hub.run(whoami(io, cache=True)).name == "me"


@pytest.mark.usefixtures("keeps_nothing")
def test_the_number_of_cached_accounts_is_limited(hub):
    for number in range(users.MAX_CACHED + 3):
        drive(whoami(hub.says(200, ME).io(token=f"hf_{number}"), cache=True))
    assert len(users._cached) == users.MAX_CACHED
