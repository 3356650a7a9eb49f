"""Handlers of OAuth: apps, logins in a browser and on a device, tokens, and their users.

A login is approved at once, without a question: by the user whose token comes with the request; for reading only, by
the user whose browser session comes with it, and without one by the Hub's own user, unless that is switched off.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64decode
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlencode, urlsplit

from hub_typed.local.accounts.oauth import App, Grant, GrantKind
from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.request.call import Call
from hub_typed.local.request.creation import check_choice
from hub_typed.local.request.oauth_tokens import DEFAULT_SCOPE, SCOPES, approved_scope, issue_token
from hub_typed.local.views.oauth import describe_token_user
from hub_typed_api import models
from hub_typed_api.serve import Answer
from hub_typed_api.server.oauth import OauthHandlers

__all__ = ["OAuth"]

_DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
_GRANTS: Final = ("authorization_code", "refresh_token", _DEVICE)
_METHODS: Final = ("client_secret_basic", "client_secret_post", "none")
_URI: Final = re.compile(r"[!-\"$-~]+")
"""What a header can contain, without spaces and fragment."""
_INTERVAL: Final = 5
"""Seconds between the questions of a device whether its user has approved."""


class OAuth(OauthHandlers[Call]):
    """Handlers of the operations in the area ``oauth``."""

    def get_openid_configuration(self, call: Call) -> models.OpenIdConfiguration:
        origin = call.request.origin
        return models.OpenIdConfiguration(
            issuer=origin,
            authorization_endpoint=f"{origin}/oauth/authorize",
            token_endpoint=f"{origin}/oauth/token",
            userinfo_endpoint=f"{origin}/oauth/userinfo",
            registration_endpoint=f"{origin}/oauth/register",
            device_authorization_endpoint=f"{origin}/oauth/device",
            scopes_supported=list(SCOPES),
            response_types_supported=["code"],
            grant_types_supported=list(_GRANTS),
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["HS256"],
            token_endpoint_auth_methods_supported=list(_METHODS),
            code_challenge_methods_supported=["S256"],
            claims_supported=["sub", "name", "preferred_username", "profile", "picture", "email", "email_verified"],
        )

    def oauth_register(
        self,
        call: Call,
        *,
        redirect_uris: Sequence[str] | None = None,
        client_name: str | None = None,
        client_uri: str | None = None,
        logo_uri: str | None = None,
        scope: str | None = None,
        contacts: Sequence[str] | None = None,
        token_endpoint_auth_method: str | None = None,
        software_id: str | None = None,
        software_version: str | None = None,
    ) -> models.OAuthApp:
        check_choice("token_endpoint_auth_method", token_endpoint_auth_method, _METHODS)
        for uri in redirect_uris or ():
            parts = urlsplit(uri)
            if not _URI.fullmatch(uri) or not parts.scheme or not (parts.netloc or parts.path):
                raise bad_request(f"Invalid redirect URI {uri!r}: it must be a URL in ASCII, without fragment")
        details = {
            "client_name": client_name,
            "client_uri": client_uri,
            "logo_uri": logo_uri,
            "scope": scope,
            "contacts": None if contacts is None else list(contacts),
            "token_endpoint_auth_method": token_endpoint_auth_method or _METHODS[0],
            "software_id": software_id,
            "software_version": software_version,
        }
        app = App(
            client_id=secrets.token_hex(16),
            secret=None if token_endpoint_auth_method == "none" else secrets.token_urlsafe(32),
            redirect_uris=redirect_uris or (),
            created_at=int(call.now().timestamp()),
            details={name: value for name, value in details.items() if value is not None},
        )
        call.accounts.oauth.put(app)
        return models.OAuthApp(
            client_id=app.client_id,
            client_secret=app.secret,
            client_id_issued_at=app.created_at,
            client_secret_expires_at=None if app.secret is None else 0,
            redirect_uris=list(app.redirect_uris),
            grant_types=list(_GRANTS),
            **app.details,
        )

    def oauth_authorize(
        self,
        call: Call,
        *,
        client_id: str,
        redirect_uri: str,
        response_type: str,
        scope: str | None = None,
        state: str | None = None,
        nonce: str | None = None,
        code_challenge: str | None = None,
        code_challenge_method: str | None = None,
        org_ids: str | None = None,
    ) -> Answer:
        app = call.accounts.oauth.app(client_id)
        if app is None:
            raise _refusal("invalid_client", f"No OAuth app has the id {client_id!r}: register it first")
        if redirect_uri not in app.redirect_uris:  # where an error must not be sent to, either
            raise _refusal("invalid_request", f"The app has not registered the redirect URI {redirect_uri!r}")
        if response_type != "code":
            return _redirect(redirect_uri, state, error="unsupported_response_type")
        if code_challenge is None and app.secret is None:
            return _redirect(redirect_uri, state, error="invalid_request", error_description="PKCE is required")
        if code_challenge is not None and code_challenge_method != "S256":
            return _redirect(redirect_uri, state, error="invalid_request", error_description="The method must be S256")
        user, granted = approved_scope(call, scope or app.details.get("scope") or DEFAULT_SCOPE)
        if user is None:
            return _redirect(redirect_uri, state, error="access_denied")
        grant = call.accounts.oauth.grant(
            "code",
            client_id=client_id,
            scope=granted,
            user=user,
            redirect_uri=redirect_uri,
            challenge=code_challenge,
            nonce=nonce,
        )
        return _redirect(redirect_uri, state, code=grant.code)

    def oauth_device_code(self, call: Call, *, client_id: str, scope: str | None = None) -> models.DeviceCode:
        user, granted = approved_scope(call, scope or DEFAULT_SCOPE)
        grant = call.accounts.oauth.grant("device", client_id=client_id, scope=granted, user=user)
        page = f"{call.request.origin}/-/device"
        return models.DeviceCode(
            device_code=grant.code,
            user_code=grant.user_code or "",
            verification_uri=page,
            verification_uri_complete=f"{page}?{urlencode({'user_code': grant.user_code})}",
            expires_in=900,
            interval=_INTERVAL,
        )

    def oauth_token(
        self,
        call: Call,
        *,
        grant_type: str,
        client_id: str | None = None,
        client_secret: str | None = None,
        device_code: str | None = None,
        refresh_token: str | None = None,
        code: str | None = None,
        redirect_uri: str | None = None,
        code_verifier: str | None = None,
        subject_token: str | None = None,
        subject_token_type: str | None = None,
        resource: str | None = None,
    ) -> models.OAuthToken:
        if grant_type not in _GRANTS:
            raise _refusal("unsupported_grant_type", f"The embedded Hub has the grant types {', '.join(_GRANTS)}")
        client_id, app = _client(call, client_id, client_secret)
        if grant_type == _DEVICE:
            grant = _approved(call, _found(call, "device", device_code, client_id, "expired_token"))
        elif grant_type == "refresh_token":
            grant = _found(call, "refresh", refresh_token, client_id, "invalid_grant")
        else:
            grant = _found(call, "code", code, client_id, "invalid_grant")
            if grant.redirect_uri != redirect_uri:
                raise _refusal("invalid_grant", "The redirect URI is not that of the authorization")
            if not grant.is_proven(code_verifier):
                raise _refusal("invalid_grant", "The code verifier does not match the code challenge")
        if not call.accounts.oauth.use(grant):
            raise _refusal("invalid_grant", "It was used already")
        return issue_token(call, grant, app)

    def oauth_userinfo(self, call: Call) -> models.OAuthUserInfo:
        return describe_token_user(call, call.user())

    def oauth_userinfo_post(self, call: Call) -> models.OAuthUserInfo:
        return describe_token_user(call, call.user())


def _client(call: Call, client_id: str | None, secret: str | None) -> tuple[str, App | None]:
    """Return the id of the app that asks for a token, and the app if it is registered.

    Raises:
        HubResponseError: 400, it does not say who it is, or its secret is wrong.
    """
    scheme, _, value = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        with suppress(ValueError):
            client_id, _, secret = b64decode(value, validate=True).decode().partition(":")
    if client_id is None:
        raise _refusal("invalid_client", "The request does not name the OAuth app")
    app = call.accounts.oauth.app(client_id)
    expected = None if app is None else app.secret
    if expected is not None and not secrets.compare_digest(expected.encode(), (secret or "").encode()):
        raise _refusal("invalid_client", "The secret of the OAuth app is wrong")
    return client_id, app


def _found(call: Call, kind: GrantKind, code: str | None, client_id: str, error: str) -> Grant:
    """Return a grant of an app.

    Raises:
        HubResponseError: 400, there is no such grant, or it is that of another app.
    """
    if code is None:
        raise _refusal("invalid_request", "The request has no code of this grant type")
    grant = call.accounts.oauth.find(kind, code)
    if grant is None or grant.client_id != client_id:
        raise _refusal(error, "There is no such grant of this app, or it is used or expired")
    return grant


def _approved(call: Call, grant: Grant) -> Grant:
    """Return the grant of a device login that its user has approved.

    Raises:
        HubResponseError: 400, the user has not yet, or has denied it, or the device asks too often.
    """
    if grant.is_denied:
        call.accounts.oauth.use(grant)
        raise _refusal("access_denied", "The user has denied the login")
    if grant.user is None:
        if call.accounts.oauth.ask(grant) < _INTERVAL:
            raise _refusal("slow_down", f"Ask every {_INTERVAL} seconds at most")
        raise _refusal("authorization_pending", "The user has not approved the login yet")
    return grant


def _redirect(uri: str, state: str | None, **members: str) -> Answer:
    """Send the user back to the app."""
    given = members if state is None else {**members, "state": state}
    location = f"{uri}{'&' if '?' in uri else '?'}{urlencode(given)}"
    return Answer(status=302, headers={"location": location, "content-type": "text/plain; charset=utf-8"}, body=b"")


def _refusal(error: str, description: str) -> HubResponseError:
    """400: no token is issued, with a code of OAuth."""
    return HubResponseError(400, error, members={"error_description": description})
