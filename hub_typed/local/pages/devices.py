"""Page of the logins of devices, to approve and deny them."""

from __future__ import annotations

from hub_typed.local.accounts.oauth import Grant
from hub_typed.local.errors import forbidden, not_found
from hub_typed.local.pages.answers import page
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given, required

__all__ = ["decide_login", "show_device"]


def show_device(call: Call, given: Given) -> Answer:
    """Ask for the code that a device shows, or show which program asks for what."""
    _approver(call)
    code = given.text("user_code")
    return page(call, "device.html", grant=None if code is None else _waiting(call, code), decision=None)


def decide_login(call: Call, given: Given) -> Answer:
    """Approve or deny the login of a device."""
    user = _approver(call)
    grant, decision = _waiting(call, required("user_code", given.text("user_code"))), given.text("decision")
    call.accounts.oauth.decide(grant.user_code or "", user if decision == "approved" else None)
    return page(call, "device.html", grant=grant, decision="approved" if decision == "approved" else "denied")


def _approver(call: Call) -> str:
    """Return the name of the caller, whose token may do all that its user may, so that a program gets no more.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, the token may do less.
    """
    identity = call.writer()
    if identity.scopes is not None:
        raise forbidden("The login of a device needs a token with the role write")
    return identity.user.name


def _waiting(call: Call, code: str) -> Grant:
    """Return the login that waits for a code.

    Raises:
        HubResponseError: 404, there is none.
    """
    grant = call.accounts.oauth.waiting(code.strip().upper())
    if grant is None:
        raise not_found("No device waits for this code, or it has expired: start the login again")
    return grant
