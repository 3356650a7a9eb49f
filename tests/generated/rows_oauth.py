"""The operations of the area oauth as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import oauth
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "RELATIVE", "WITHOUT_TOKEN"]

EVERY = [
    becomes(
        oauth.oauth_register,
        "POST /oauth/register",
        "content-type: application/json",
        '{"redirect_uris": ["redirect uri"], "client_name": "client name", "client_uri": "client uri",'
        ' "logo_uri": "logo uri", "scope": "scope", "contacts": ["contact"],'
        ' "token_endpoint_auth_method": "client_secret_basic", "software_id": "software id",'
        ' "software_version": "software version"}',
        redirect_uris=["redirect uri"],
        client_name="client name",
        client_uri="client uri",
        logo_uri="logo uri",
        scope="scope",
        contacts=["contact"],
        token_endpoint_auth_method="client_secret_basic",
        software_id="software id",
        software_version="software version",
    ),
    becomes(oauth.oauth_userinfo, "GET /oauth/userinfo"),
    becomes(oauth.oauth_userinfo_post, "POST /oauth/userinfo"),
    becomes(
        oauth.oauth_authorize,
        "GET /oauth/authorize",
        "client_id=app",
        "redirect_uri=https://app.test/back",
        "response_type=code",
        "scope=openid profile",
        "state=s",
        "nonce=n",
        "code_challenge=c",
        "code_challenge_method=S256",
        "orgIds=5f,6e",
        client_id="app",
        redirect_uri="https://app.test/back",
        response_type="code",
        scope="openid profile",
        state="s",
        nonce="n",
        code_challenge="c",
        code_challenge_method="S256",
        org_ids="5f,6e",
    ),
    becomes(oauth.get_openid_configuration, "GET /.well-known/openid-configuration"),
]
LEAST: dict[str, list[str]] = {
    "oauth.oauth_register": ["POST /oauth/register", "content-type: application/json", "{}"],
    "oauth.oauth_authorize": [
        "GET /oauth/authorize",
        "client_id=app",
        "redirect_uri=https://app.test/back",
        "response_type=code",
    ],
}
ONCE = {"oauth.oauth_register"}
RELATIVE = {"oauth.oauth_authorize"}
WITHOUT_TOKEN = {"oauth.oauth_register", "oauth.oauth_authorize", "oauth.get_openid_configuration"}
