"""Bodies and headers of forms, as browsers and scripts send them."""

from __future__ import annotations

from urllib.parse import urlencode

__all__ = ["multipart", "urlencoded"]


def multipart(**fields: str) -> tuple[bytes, dict[str, str]]:
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    return "".join([*parts, "--limit--\r\n"]).encode(), {"content-type": "multipart/form-data; boundary=limit"}


def urlencoded(**fields: str) -> tuple[bytes, dict[str, str]]:
    return urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
