"""Errors of the transport for the exceptions of urllib3 and of sockets."""

from __future__ import annotations

import os
import ssl

import urllib3
from urllib3.util.ssl_match_hostname import CertificateError as HostnameError

from hub_typed.errors import CertificateError, HubTimeoutError, TransportError
from hub_typed.http.error_responses import display_url, redact_text
from hub_typed.http.sending import SendTimeoutError
from hub_typed.logs.redaction import redact_secrets, request_secrets
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Source

__all__: list[str] = []


def transport_error(
    error: Exception, request: Request, settings: Settings, *, read_timeout: float, expired_after: float | None
) -> TransportError:
    """Return the error of a request that got no complete response.

    Args:
        read_timeout: Seconds without received bytes until the request times out.
        expired_after: Seconds of the time limit of the complete response, if it was exceeded.
    """
    where = f"{request.operation}: {request.method} {display_url(request.path)}"
    inner = _innermost(error)
    is_upload = isinstance(request.body, Source)
    if expired_after is not None:
        return HubTimeoutError(
            f"{where}: no complete response within {expired_after:.3g} s. Check the connection, or allow more time "
            f"with the timeout of the call or Settings({'answer_timeout' if is_upload else 'deadline'}=...)."
        )
    if isinstance(inner, urllib3.exceptions.NewConnectionError):  # a subclass, but no timeout
        pass
    elif isinstance(inner, urllib3.exceptions.ConnectTimeoutError):
        return HubTimeoutError(
            f"{where}: no connection within {settings.connect_timeout:g} s. Check the network and proxy, or allow more "
            "time with Settings(connect_timeout=...)."
        )
    elif isinstance(inner, SendTimeoutError):
        return HubTimeoutError(
            f"{where}: the server took no byte of the request for {settings.write_timeout:g} s. Check the connection, "
            "or allow more time with Settings(write_timeout=...)."
        )
    elif isinstance(inner, urllib3.exceptions.TimeoutError | TimeoutError):
        return HubTimeoutError(
            f"{where}: no data received for {read_timeout:g} s. Check the connection, or allow more time with "
            f"Settings({'answer_timeout' if is_upload else 'read_timeout'}=...)."
        )
    if isinstance(inner, ssl.SSLCertVerificationError | HostnameError):
        return CertificateError(
            f"{where}: the certificate is not trusted: {getattr(inner, 'verify_message', '') or inner}. Check the "
            "address and the system clock; if a private authority signed the certificate, pass its file with "
            "Settings(ca_bundle=...) or REQUESTS_CA_BUNDLE."
        )
    if request.path.startswith("https:") and (bundle_error := _ca_bundle_error(settings.ca_bundle)):
        return CertificateError(
            f"{where}: ca_bundle={settings.ca_bundle!r} cannot be read: {bundle_error}. "
            "Pass a file in PEM format with Settings(ca_bundle=...) or REQUESTS_CA_BUNDLE."
        )
    message = redact_text(redact_secrets(str(inner), request_secrets(request)))
    reason = message.rpartition("): ")[2] or type(inner).__name__
    return TransportError(f"{where}: the connection failed or broke: {reason}")


def _innermost(error: BaseException) -> BaseException:
    """Return the innermost cause of an error of urllib3."""
    inner = getattr(error, "reason", None) or (error.args[-1] if error.args else None)
    return _innermost(inner) if isinstance(inner, BaseException) else error


def _ca_bundle_error(bundle: str | None) -> OSError | None:
    """Return the error of loading a certificate file; ``None`` if it is valid."""
    if bundle is None or os.path.isdir(bundle):
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(bundle)
    except OSError as error:
        return error
    return None
