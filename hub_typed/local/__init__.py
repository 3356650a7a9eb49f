"""An embedded Hub: repositories, accounts and LFS files on this machine, served over HTTP.

Example:
    with LocalHub() as hub:
        api = HfApi(endpoint=hub.endpoint, token=hub.token)
"""

from __future__ import annotations

import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hub_typed.local.accounts.identity import Identity, OrgRole, Role, Visibility
    from hub_typed.local.faults.rules import Faults
    from hub_typed.local.jobs.jobs import Jobs
    from hub_typed.local.server.app import Hub
    from hub_typed.local.server.asgi import Server
    from hub_typed.local.server.in_process import LocalTransport
    from hub_typed.local.server.saved_states import SavedState
    from hub_typed.local.server.stats import Stats

__all__ = ["LocalHub"]

DEFAULT_USER = "local-user"
_XET_PACKAGES = ("blake3", "lz4")


class LocalHub:
    """A Hub in this process, with a user and tokens.

    Args:
        root: Folder for all data, which persists. By default, a temporary folder that is removed on `stop`.
        port: Port on 127.0.0.1; 0 for any free port. It is opened on the first access to `endpoint`, so a Hub that is
            used only through `transport` opens none.
        hosts: Further host names and addresses, without a port, that clients may use, besides the loopback names
            (127.0.0.1, [::1], localhost and its subdomains). Requests for other hosts are refused, because web pages
            could send them.
        xet: Whether to serve Xet, besides LFS, for clients that have it; by default, if its packages are installed.
        jobs: What becomes of jobs. ``"recorded"``: they complete at once, or do what `jobs` says. ``"subprocess"``:
            their commands are executed on this machine, with the permissions of this process, by whoever has a token
            of this Hub that may write; there is no container and no isolation.

    Raises:
        ImportError: The extra ``local`` is not installed.
        PermissionError: The folder belongs to another user, and others can read it.
        ValueError: A host, or the value of ``jobs``, is invalid.
        RuntimeError: Another embedded Hub uses the folder.

    Attributes:
        root: Folder for all data.
        user: Name of the user that the tokens belong to.
        hub: The Hub itself, for tests that set up or inspect repositories and requests.
    """

    user = DEFAULT_USER

    def __init__(
        self,
        root: str | Path | None = None,
        port: int = 0,
        *,
        hosts: Iterable[str] = (),
        xet: bool | None = None,
        jobs: Literal["recorded", "subprocess"] = "recorded",
    ) -> None:
        from filelock import FileLock, Timeout

        try:
            from hub_typed.local.json_files import make_private
            from hub_typed.local.server.app import Hub
            from hub_typed.local.server.hosts import Hosts
        except ModuleNotFoundError as error:
            raise _extra_missing(error) from error
        if jobs not in ("recorded", "subprocess"):
            raise ValueError(f"jobs must be 'recorded' or 'subprocess', not {jobs!r}")
        self._hosts = Hosts(hosts)
        self._port = port
        self._server: Server | None = None
        self._starting = threading.Lock()
        self._temporary = tempfile.TemporaryDirectory(prefix="hub-typed-") if root is None else None
        self.root: Path = Path(self._temporary.name if self._temporary else root or "").expanduser()
        make_private(self.root)
        self._lock = FileLock(self.root / ".lock", mode=0o600, thread_local=False)  # any thread may stop the Hub
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise RuntimeError(f"Another embedded Hub uses the folder {self.root}: stop it or choose another") from None
        try:
            with self._starting:  # a job that goes on at once waits here for the endpoint
                self.hub: Hub = Hub(
                    self.root,
                    xet=_can_serve_xet() if xet is None else xet,
                    job_endpoint=(lambda: self.endpoint) if jobs == "subprocess" else None,
                )
        except ModuleNotFoundError as error:
            raise _extra_missing(error) from error
        self.hub.admin = self.user

    @property
    def endpoint(self) -> str:
        """URL of the Hub, for ``HF_ENDPOINT`` or ``HfApi(endpoint=...)``.

        Raises:
            RuntimeError: The Hub is stopped.
            OSError: The port cannot be opened.
        """
        with self._starting:
            if self._server is None:
                if not self._lock.is_locked:
                    raise RuntimeError(
                        "The embedded Hub is stopped: read its endpoint before stop(), or in the with block"
                    )
                try:
                    from hub_typed.local.server.asgi import Server
                except ModuleNotFoundError as error:
                    raise _extra_missing(error) from error
                self._server = Server(self.hub, self._port, self._hosts)
            return self._server.origin

    @property
    def token(self) -> str:
        """Token of `user` with role write."""
        return self.add_user(self.user)

    @property
    def read_token(self) -> str:
        """Token of `user` with role read."""
        return self.add_user(self.user, role="read")

    @property
    def stats(self) -> Stats:
        """Counts of requests, bytes and LFS files."""
        return self.hub.stats

    @property
    def faults(self) -> Faults:
        """Faults of requests, for tests of how clients react; see `hub_typed.local.faults`."""
        return self.hub.faults

    @property
    def jobs(self) -> Jobs:
        """Jobs, for tests that say what they do and advance their clock; see `Jobs.simulate`."""
        return self.hub.jobs

    @property
    def transport(self) -> LocalTransport:
        """Transport to the Hub without a socket: ``HfApi(transport=hub.transport, token=hub.token)``."""
        from hub_typed.local.server.in_process import LocalTransport

        return LocalTransport(self.hub)

    def environment(self, token: str | None = None) -> dict[str, str]:
        """Return the environment variables that lead clients here.

        Args:
            token: Value of ``HF_TOKEN``; by default, that of `user` with role write.
        """
        return {
            "HF_ENDPOINT": self.endpoint,
            "HF_TOKEN": token or self.token,
            "HF_INFERENCE_ENDPOINTS_ENDPOINT": self.endpoint,
            "HUB_TYPED_INFERENCE_CATALOG_ENDPOINT": self.endpoint,
            "HUB_TYPED_DATASET_VIEWER_ENDPOINT": self.endpoint,
            "HF_HUB_DISABLE_XET": "1"
            if self.hub.xet is None
            else "0",  # else the official client would try it, and fail
        }

    def save(self) -> SavedState:
        """Return the current state: repositories, accounts, tokens and all other data. It is kept until `stop`.

        Example:
            state = hub.save()
            api.delete_repo(...)
            hub.restore(state)

        Raises:
            RuntimeError: A request does not come to its end within 10 seconds.
        """
        return self.hub.save()

    def restore(self, state: SavedState) -> None:
        """Return to a saved state, with the same endpoint; this takes milliseconds, however large the files are.

        Faults are removed, and counts begin at zero. Objects of ``hub.hub``, such as ``hub.hub.accounts``, are to be
        read again.

        Raises:
            RuntimeError: A request does not come to its end within 10 seconds.
            ValueError: The state is not one of this Hub.
        """
        self.hub.restore(state)

    def add_user(
        self, name: str, role: Role = "write", *, fullname: str | None = None, email: str | None = None
    ) -> str:
        """Return a token with this role for a user; the user is created if missing.

        Args:
            fullname: Display name; by default, it does not change, and is the name of a new user.
            email: E-mail address; by default, it does not change.
        """
        return self.hub.accounts.add(name, role, fullname=fullname, email=email)

    def add_organization(
        self,
        name: str,
        members: Mapping[str, OrgRole] | None = None,
        *,
        fullname: str | None = None,
        default_visibility: Visibility | None = None,
    ) -> None:
        """Create an organization, or change an existing one.

        Args:
            members: Members and their roles; by default, `user` is its only member and admin.
            fullname: Display name; by default, it does not change, and is the name of a new organization.
            default_visibility: Visibility of new repositories whose creator does not choose one; by default, it does
                not change, and is public in a new organization.
        """
        self.hub.accounts.add_organization(
            name,
            {self.user: "admin"} if members is None else members,
            fullname=fullname,
            default_visibility=default_visibility,
        )

    def accept_invitation(self, organization: str, user: str) -> None:
        """Make a user whom an organization invited by SCIM a member with role read: nobody reads e-mails here.

        Raises:
            KeyError: There is no open invitation.
        """
        self.hub.directories.of(organization, managed=False).accept_invitation(user)

    def add_token(self, user: str, name: str, role: Role = "write") -> str:
        """Return the token of a user with this name and role; it is created if missing, as is the user."""
        return self.hub.accounts.add_token(user, role, name).token

    def list_tokens(self, user: str) -> list[Identity]:
        """List the tokens of a user in order of creation: ``token`` is the value, ``name`` the display name.

        Raises:
            KeyError: There is no such user.
        """
        return list(self.hub.accounts.tokens_of(user))

    def refresh_token(self, token: str) -> str:
        """Replace the value of a token and return the new one; the old value is no longer accepted.

        Raises:
            KeyError: There is no such token.
        """
        return self.hub.accounts.refresh_token(token)

    def delete_token(self, token: str) -> None:
        """Delete a token; one that does not exist is ignored."""
        self.hub.accounts.delete_token(token)

    def follow(self, name: str, followed: str) -> None:
        """Make a user follow a user or an organization; both must exist."""
        self.hub.accounts.follow(name, followed)

    def write_space_log(self, repo_id: str, text: str, *, build: bool = False) -> None:
        """Add a text to the logs of a Space, for `fetch_space_logs`: no Space runs here.

        Args:
            repo_id: Name of the Space, ``owner/name``; it must exist.
            text: Output of the Space, usually one line with its line feed.
            build: Write to the logs of the build, instead of those of the running Space.

        Raises:
            KeyError: There is no such Space.
        """
        self.hub.store.write_space_log(repo_id, "build" if build else "run", text)

    def collect_garbage(self, *, older_than: float = 24 * 3600) -> None:
        """Delete the content of Xet storage that no revision of a repository and no bucket names; LFS objects stay.

        Args:
            older_than: Seconds since its upload for which content is kept in any case, as its commit may follow.
        """
        self.hub.collect_garbage(older_than=older_than)

    def wait(self) -> None:
        """Serve until the Hub is stopped."""
        if self._server is not None:
            self._server.wait()

    def stop(self) -> None:
        """Close the port, and remove the folder if it is temporary."""
        self.hub.jobs.close()  # ends the streams, for which the server would wait
        if self._server is not None:
            self._server.stop()
            self._server = None
        self.hub.stop()
        self._lock.release()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _can_serve_xet() -> bool:
    return all(find_spec(name) is not None for name in _XET_PACKAGES)


def _extra_missing(error: ModuleNotFoundError) -> ImportError:
    if (error.name or "").split(".")[0] not in ("pygit2", "uvicorn", *_XET_PACKAGES):
        return error
    return ImportError(f"The embedded Hub needs {error.name}: pip install 'hub-typed[local]'")
