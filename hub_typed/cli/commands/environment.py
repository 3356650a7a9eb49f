"""``env`` and ``version``: what this installation is, and what it reads from the environment."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version as installed
from typing import Final

from hub_typed.cli.output import Output

__all__ = ["print_environment", "print_version"]

_PACKAGES: Final = ("urllib3", "hf-xet", "orjson", "pygit2", "uvicorn", "huggingface-hub")


def print_environment(*, output: Output = Output()) -> None:
    """Print versions, folders and settings, for bug reports; tokens and passwords are not shown."""
    import os
    import platform
    import shutil

    from hub_typed import Settings
    from hub_typed.auth.login import usable_token
    from hub_typed.urls.url import display_url
    from hub_typed.version import version

    settings = Settings.from_environment()
    fields = {
        "hub-typed": version(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "executable": shutil.which("hub-typed"),
        **{name: _installed_version(name) for name in _PACKAGES},
        "git": shutil.which("git"),
        "git-lfs": shutil.which("git-lfs"),
        "endpoint": display_url(settings.endpoint),
        "token": "yes" if usable_token() else "no",
        "token file": settings.token_path,
        "cache": settings.cache_dir,
        "offline": settings.offline,
        "xet": settings.xet,
        "variables": sorted(name for name in os.environ if name.startswith(("HF_", "HUB_TYPED_"))),
    }
    output.record(fields, fields, id=version())


def print_version(*, output: Output = Output()) -> None:
    """Print the version of hub-typed."""
    from hub_typed.version import version

    output.value("version", version())


def _installed_version(package: str) -> str | None:
    try:
        return installed(package)
    except PackageNotFoundError:
        return None
