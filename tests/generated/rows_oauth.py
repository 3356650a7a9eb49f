"""The operations of the area oauth as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import oauth
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "WITHOUT_TOKEN"]

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
]
LEAST: dict[str, list[str]] = {
    "oauth.oauth_register": ["POST /oauth/register", "content-type: application/json", "{}"],
}
ONCE = {"oauth.oauth_register"}
WITHOUT_TOKEN = {"oauth.oauth_register"}
