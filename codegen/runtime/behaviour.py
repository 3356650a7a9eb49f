"""Computed attributes and mapping access of some models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, cast

from .arguments import by_position
from .card_views import DatasetCardView, EvalResultsView, ModelCardView, SpaceCardView
from .fields import Promised
from .mapping import JsonObject, Mapped, Record

__all__ = [
    "AccessRequestView",
    "AccountView",
    "CollectionItemView",
    "CollectionView",
    "CommitView",
    "DatasetCardView",
    "EvalResultsView",
    "FileSecurity",
    "JobPortsView",
    "JobView",
    "JsonObject",
    "Mapped",
    "ModelCardView",
    "PaperView",
    "Promised",
    "Record",
    "SpaceCardView",
    "SpaceRuntimeView",
    "WebhookView",
]


class _Author(Protocol):
    @property
    def user(self) -> str: ...


class _Formatted(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def message(self) -> str | None: ...


class _Commit(Protocol):
    @property
    def author_infos(self) -> Sequence[_Author]: ...
    @property
    def formatted(self) -> _Formatted | None: ...


class _Hardware(Protocol):
    @property
    def current(self) -> str | None: ...
    @property
    def requested(self) -> str | None: ...


class _Runtime(Protocol):
    @property
    def hardware_info(self) -> _Hardware | None: ...
    def to_dict(self) -> dict[str, Any]: ...


class _PaperAuthor(Protocol):
    @property
    def name(self) -> str: ...


class _Paper(Protocol):
    @property
    def author_infos(self) -> Sequence[_PaperAuthor] | None: ...


class _Scanned(Protocol):
    @property
    def status(self) -> str: ...
    @property
    def extra(self) -> dict[str, Any] | None: ...


class _User(Protocol):
    username: str
    fullname: str
    email: str | None


class _Asked(Protocol):
    @property
    def user(self) -> _User | None: ...


class _Account(Protocol):
    name: str


class _Owned(Protocol):
    slug: str

    @property
    def owner_info(self) -> _Account: ...


class _Note(Protocol):
    text: str


class _Item(Protocol):
    id: str
    slug: str | None

    @property
    def note_info(self) -> _Note | None: ...


class _JobPorts(Protocol):
    ports: list[int]
    ports_public: list[int] | None


class _Exposing(Protocol):
    @property
    def expose_info(self) -> _JobPorts | None: ...


class _Job(Protocol):
    id: str

    @property
    def owner(self) -> _Account: ...
    @property
    def extra(self) -> dict[str, Any] | None: ...
    @property
    def endpoint(self) -> str: ...


class CommitView:
    """Names of the authors of a commit, and its message as HTML."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("authors", "formatted_title", "formatted_message")

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        names = "commit_id authors created_at title message formatted_title formatted_message"
        given = by_position(names, args, members)
        if isinstance(authors := given.get("authors"), Sequence):
            given["authors"] = [{"user": one} if isinstance(one, str) else one for one in authors]  # pyright: ignore[reportUnknownVariableType]  # as given
        title, message = given.pop("formatted_title", None), given.pop("formatted_message", None)
        if title is not None or message is not None:
            given["formatted"] = {"title": title or "", "message": message}
        return given

    @property
    def authors(self: _Commit) -> list[str]:
        """Names of the authors."""
        return [author.user for author in self.author_infos]

    @property
    def formatted_title(self: _Commit) -> str | None:
        """The title as HTML; ``None`` if not requested."""
        return self.formatted.title if self.formatted else None

    @property
    def formatted_message(self: _Commit) -> str | None:
        """The message as HTML; ``None`` if not requested."""
        return self.formatted.message if self.formatted else None


class SpaceRuntimeView:
    """Names of the hardware of a Space."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("hardware", "requested_hardware", "raw")

    @staticmethod
    def _from_reference(data: Mapping[str, object] | None = None, **members: object) -> dict[str, object]:
        return {**(data or {}), **members}

    @property
    def hardware(self: _Runtime) -> str | None:
        """Current hardware, for example ``t4-small``; ``None`` while the Space is not running."""
        return self.hardware_info.current if self.hardware_info else None

    @property
    def requested_hardware(self: _Runtime) -> str | None:
        """Requested hardware; ``None`` for a static Space."""
        return self.hardware_info.requested if self.hardware_info else None

    @property
    def raw(self: _Runtime) -> dict[str, Any]:
        """The runtime as JSON; members that are null are left out."""
        return self.to_dict()


class FileSecurity:
    """Result of the security scans of a file."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("safe",)

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        given = by_position("safe status av_scan pickle_import_scan", args, members)
        safe = given.pop("safe", None)
        if safe is not None and safe != (given.get("status") == "safe"):  # else it follows from the status
            extra = given.get("extra")
            given["extra"] = {**(cast("dict[str, object]", extra) if isinstance(extra, dict) else {}), "safe": safe}
        return given

    @property
    def safe(self: _Scanned) -> bool:
        """Whether all scans are complete and found nothing, unless the object was made with another value."""
        return bool((self.extra or {}).get("safe", self.status == "safe"))


class PaperView:
    """Names of the authors of a paper."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("authors",)

    @staticmethod
    def _from_reference(**members: object) -> dict[str, object]:
        paper = members.pop("paper", None)
        if isinstance(paper, dict):  # an item of a list of papers
            of_item = {
                "submittedOnDailyAt": members.pop("publishedAt", None),
                "submittedOnDailyBy": _user(members.pop("submittedBy", None)),
            }
            members |= {name: value for name, value in of_item.items() if value is not None}
            members |= cast("dict[str, object]", paper)
        authors = members.get("authors")
        if isinstance(authors, list):
            known = cast("list[object]", authors)
            members["authors"] = [
                {"_id": "", "hidden": False, **one} if isinstance(one, dict) else one for one in known
            ]
        return members

    @property
    def authors(self: _Paper) -> list[str]:
        """Names of the authors."""
        return [author.name for author in self.author_infos or ()]


def _user(account: object) -> object:
    """Return an account in JSON as a user in JSON."""
    if not isinstance(account, dict):
        return account
    members = cast("dict[str, object]", account)
    return {"user": members.get("name"), **members}


class AccessRequestView:
    """User of an access request, without going through ``user``."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("username", "fullname", "email")

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        given = by_position("username fullname email timestamp status fields", args, members)
        if "username" in given:
            account = {"user": given.pop("username"), "fullname": given.pop("fullname", ""), "avatarUrl": ""}
            given["user"] = account | {"email": given.pop("email", None)}
        return given

    @property
    def username(self: _Asked) -> str:
        """Name of the account; ``deleted`` if the account is deleted."""
        return self.user.username if self.user else "deleted"

    @property
    def fullname(self: _Asked) -> str:
        """Display name; ``deleted`` if the account is deleted."""
        return self.user.fullname if self.user else "deleted"

    @property
    def email(self: _Asked) -> str | None:
        """E-mail address; ``None`` if access was granted without a request."""
        return self.user.email if self.user else None


class WebhookView:
    """Constructor of a webhook."""

    __slots__ = ()

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        return by_position("id url watched domains secret disabled", args, members)


class AccountView:
    """Constructor of a user or organization, whose texts are empty if they are not given."""

    __slots__ = ()

    @staticmethod
    def _from_reference(**members: object) -> dict[str, object]:
        texts = {"fullname": "", "avatarUrl": ""}
        if "avatar_url" in members:
            del texts["avatarUrl"]
        return texts | members


class CollectionView:
    """Name of the owner of a collection."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("owner",)

    @property
    def owner(self: _Owned) -> str:
        """Name of the owner."""
        name = getattr(self.owner_info, "name", None)
        return name if isinstance(name, str) else self.slug.partition("/")[0]


class CollectionItemView:
    """Id and note of an item of a collection."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("item_id", "note")

    @staticmethod
    def _from_reference(*args: object, **members: object) -> dict[str, object]:
        return by_position("_id id type position note", args, members)

    @property
    def item_id(self: _Item) -> str:
        """Id of the repository or paper; slug of the collection."""
        return self.slug or self.id

    @property
    def note(self: _Item) -> str | None:
        """Note on the item, in Markdown."""
        return self.note_info.text if self.note_info else None


class JobPortsView:
    """Exposed ports of a job."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("expose", "expose_public")

    @property
    def expose(self: _Exposing) -> list[int] | None:
        """Exposed ports, public ones included; ``None`` without any."""
        return self.expose_info.ports if self.expose_info else None

    @property
    def expose_public(self: _Exposing) -> list[int] | None:
        """Exposed ports that are public; ``None`` without any."""
        return self.expose_info.ports_public if self.expose_info else None


class JobView(JobPortsView):
    """URL and exposed ports of a job."""

    __slots__ = ()
    _computed: ClassVar[tuple[str, ...]] = ("expose", "expose_public", "endpoint", "url")

    @property
    def endpoint(self: _Job) -> str:
        """URL of the Hub, if the client or the caller set it; else that of the public Hub."""
        return str((self.extra or {}).get("endpoint", "https://huggingface.co"))

    @property
    def url(self: _Job) -> str:
        """URL of the web page of the job."""
        return f"{self.endpoint}/jobs/{self.owner.name}/{self.id}"
