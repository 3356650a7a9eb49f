"""Seed files: users with tokens, organizations, repositories and buckets of a new Hub, in YAML."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, cast, get_args

import attrs
import yaml

from hub_typed.local.accounts.identity import Identity, OrgRole, Role, Visibility
from hub_typed.local.repos.store import REPO_TYPES
from hub_typed.local.server.app import Hub
from hub_typed.local.server.in_process import LocalTransport
from hub_typed_api.path import HFValidationError, checked_repo_id
from hub_typed_api.wire import Request

__all__ = ["Seed", "SeedError", "read_seed"]

_TEXT = "tag:yaml.org,2002:str"
_FLAG = "tag:yaml.org,2002:bool"
_BUCKET = "bucket"
"""Type of a bucket in the list of repositories."""


class SeedError(ValueError):
    """A seed file is wrong; the message names its file, line and member."""


@attrs.frozen
class _Value:
    """A value of the file, and its place in it."""

    file: Path
    node: yaml.Node
    place: str = ""

    def error(self, message: str) -> SeedError:
        where = f"{self.place}: " if self.place else ""
        return SeedError(f"{self.file}:{self.node.start_mark.line + 1}: {where}{message}")

    def members(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, _Value]:
        """Return the members of an object with these names."""
        found = dict(self.any_members())
        for name, value in found.items():
            if name not in (*required, *optional):
                raise value.error(f"there is no such member, only {', '.join((*required, *optional))}")
        for name in required:
            if name not in found:
                raise self.error(f"the member {name} is missing")
        return found

    def any_members(self) -> Iterator[tuple[str, _Value]]:
        """Yield the members of an object, whatever their names."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"this must be an object, as in `name: value`, not {_kind(self.node)}")
        seen: set[str] = set()
        for key, value in cast("list[tuple[yaml.Node, yaml.Node]]", self.node.value):
            name = _Value(self.file, key, self.place).text()
            inner = _Value(self.file, value, f"{self.place}.{name}" if self.place else name)
            if name in seen:
                raise _Value(self.file, key, inner.place).error("this member is there twice")
            seen.add(name)
            yield name, inner

    def items(self) -> list[_Value]:
        """Return the items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"this must be a list, as in `- value`, not {_kind(self.node)}")
        nodes = cast("list[yaml.Node]", self.node.value)
        return [_Value(self.file, node, f"{self.place}[{index}]") for index, node in enumerate(nodes)]

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _TEXT:
            raise self.error(f"this must be text, not {_kind(self.node)}; numbers, yes and no need quotes")
        if not self.node.value:
            raise self.error("this text is empty")
        return str(self.node.value)

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _FLAG:
            raise self.error("this must be true or false")
        return str(self.node.value).lower() in ("true", "yes", "on")

    def choice(self, choices: Collection[str]) -> Any:
        """Return one of these texts."""
        value = str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else None
        if value not in choices:
            raise self.error(f"this must be one of {', '.join(choices)}, not {_kind(self.node)}")
        return value

    def account_name(self) -> str:
        """Return a valid name of an account."""
        name = self.text()
        if "/" in name:
            raise self.error(f"{name!r} is no name of an account: it contains a '/'")
        return self._checked(name)

    def repo_id(self) -> str:
        """Return a valid name of a repository with its owner."""
        name = self.text()
        if name.count("/") != 1:
            raise self.error(f"{name!r} is no name of a repository: it must be owner/name")
        return self._checked(name)

    def _checked(self, name: str) -> str:
        try:
            return checked_repo_id(name)
        except HFValidationError as error:
            raise self.error(str(error).replace("\n", " ")) from None


@attrs.frozen
class _User:
    name: str
    fullname: str | None
    email: str | None
    tokens: tuple[tuple[str, Role], ...]


@attrs.frozen
class _Organization:
    name: str
    fullname: str | None
    default_visibility: Visibility | None
    members: dict[str, OrgRole]


@attrs.frozen
class _Repository:
    at: _Value
    repo_type: str
    repo_id: str
    creator: str
    private: bool | None
    gated: str | None
    sdk: str | None


@attrs.frozen
class Seed:
    """Contents of a seed file."""

    users: tuple[_User, ...]
    organizations: tuple[_Organization, ...]
    repositories: tuple[_Repository, ...]

    def plant(self, hub: Hub) -> list[Identity]:
        """Create all that is missing, and return the tokens of the users; what exists already is kept.

        Raises:
            SeedError: The Hub refuses something; what precedes it in the file exists then.
        """
        tokens: list[Identity] = []
        for user in self.users:
            hub.accounts.add_user(user.name, fullname=user.fullname, email=user.email)
            tokens += [hub.accounts.add_token(user.name, role, name) for name, role in user.tokens]
        for one in self.organizations:
            hub.accounts.add_organization(
                one.name, one.members, fullname=one.fullname, default_visibility=one.default_visibility
            )
        for repository in self.repositories:
            _create(hub, repository)
        return tokens


def read_seed(file: Path) -> Seed:
    """Read a seed file; `docs/local_hub.md` describes it.

    Raises:
        SeedError: The file is missing or wrong.
    """
    root = _Value(file, _compose(file))
    parts = root.members((), ("users", "organizations", "repositories"))

    def each(name: str, read: Callable[[_Value], Any]) -> tuple[Any, ...]:
        return tuple(read(item) for item in parts[name].items()) if name in parts else ()

    taken: dict[str, str] = {}

    def new_name(value: _Value) -> str:
        name = value.account_name()
        if name.lower() in taken:
            raise value.error(f"the name {name!r} is taken by {taken[name.lower()]}")
        taken[name.lower()] = value.place.rpartition(".")[0]
        return name

    users: tuple[_User, ...] = each("users", lambda item: _read_user(item, new_name))
    names = {user.name.lower(): user.name for user in users}
    organizations: tuple[_Organization, ...] = each(
        "organizations", lambda item: _read_organization(item, new_name, names)
    )
    owners = {user.name: user.name for user in users} | {one.name: _creator(one) for one in organizations}
    return Seed(users, organizations, each("repositories", lambda item: _read_repository(item, owners)))


def _compose(file: Path) -> yaml.Node:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SeedError(f"{file}: there is no such file") from None
    except OSError as error:
        raise SeedError(f"{file}: the file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SeedError(f"{file}: the file is not UTF-8") from None
    try:
        node = cast("Callable[..., yaml.Node | None]", yaml.compose)(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedError(f"{file}:{line}: invalid YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise SeedError(f"{file}: invalid YAML: {' '.join(str(error).split())[:200]}") from None
    if node is None:
        raise SeedError(f"{file}:1: the file is empty")
    return node


def _read_user(item: _Value, new_name: Callable[[_Value], str]) -> _User:
    members = item.members(("name",), ("fullname", "email", "tokens"))
    tokens: dict[str, Role] = {}
    for one in members["tokens"].items() if "tokens" in members else []:
        token = one.members(("name",), ("role",))
        name = token["name"].text()
        if name in tokens:
            raise token["name"].error(f"the user has another token named {name!r}")
        tokens[name] = token["role"].choice(get_args(Role)) if "role" in token else "write"
    return _User(
        name=new_name(members["name"]),
        fullname=_optional(members, "fullname"),
        email=_optional(members, "email"),
        tokens=tuple(tokens.items()) if "tokens" in members else (("local-write", "write"),),
    )


def _read_organization(item: _Value, new_name: Callable[[_Value], str], users: Mapping[str, str]) -> _Organization:
    members = item.members(("name", "members"), ("fullname", "default_visibility"))
    roles: dict[str, OrgRole] = {}
    for name, role in members["members"].any_members():
        if name.lower() not in users:
            raise role.error("there is no such user in this file")
        if users[name.lower()] in roles:
            raise role.error("this member is there twice")
        roles[users[name.lower()]] = role.choice(get_args(OrgRole))
    visibility = members.get("default_visibility")
    return _Organization(
        name=new_name(members["name"]),
        fullname=_optional(members, "fullname"),
        default_visibility=None if visibility is None else visibility.choice(get_args(Visibility)),
        members=roles,
    )


def _read_repository(item: _Value, owners: dict[str, str]) -> _Repository:
    members = item.members(("id",), ("type", "private", "gated", "sdk"))
    given, _, name = members["id"].repo_id().partition("/")
    owner = next((known for known in owners if known.lower() == given.lower()), given)
    if not owners.get(owner):
        what = "has no member who may create it" if owner in owners else "is neither a user nor an organization here"
        raise members["id"].error(f"{owner!r} {what}")
    repo_type: str = members["type"].choice((*REPO_TYPES, _BUCKET)) if "type" in members else "model"
    if "gated" in members and repo_type not in ("model", "dataset"):
        raise members["gated"].error(f"only models and datasets can be gated, and this is a {repo_type}")
    return _Repository(
        at=item,
        repo_type=repo_type,
        repo_id=f"{owner}/{name}",
        creator=owners[owner],
        private=members["private"].flag() if "private" in members else None,
        gated=members["gated"].choice(("auto", "manual")) if "gated" in members else None,
        sdk=_optional(members, "sdk"),
    )


def _creator(organization: _Organization) -> str:
    """Return the name of a member who may create repositories, preferably an admin; empty if there is none."""
    for role in ("admin", "write", "contributor"):
        for name, one in organization.members.items():
            if one == role:
                return name
    return ""


def _optional(members: dict[str, _Value], name: str) -> str | None:
    return members[name].text() if name in members else None


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "an object"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return repr(node.value) if node.value else "nothing"


def _create(hub: Hub, repository: _Repository) -> None:
    """Create a repository or bucket as its creator would, with a token that exists only meanwhile."""
    owner, _, name = repository.repo_id.partition("/")
    token = hub.accounts.add_token(repository.creator, "write", f"seed file {secrets.token_hex(8)}").token
    path = "/api/repos/create"
    body = {"name": name, "type": repository.repo_type, "private": repository.private, "sdk": repository.sdk}
    if repository.repo_type == _BUCKET:
        path, body = f"/api/buckets/{repository.repo_id}", {"private": repository.private}
    elif owner != repository.creator:
        body["organization"] = owner
    try:
        status, error = _send(hub, token, "POST", path, body)
        if status != 409:
            _check(repository, status, error)
        if repository.gated is not None:
            settings = f"/api/{repository.repo_type}s/{repository.repo_id}/settings"
            _check(repository, *_send(hub, token, "PUT", settings, {"gated": repository.gated}))
    finally:
        hub.accounts.delete_token(token)


def _check(repository: _Repository, status: int, error: str) -> None:
    if status >= 400:
        raise repository.at.error(f"{repository.repo_id} cannot be created: {' '.join(error.split())}")


def _send(hub: Hub, token: str, method: str, path: str, body: dict[str, Any]) -> tuple[int, str]:
    """Send a request to the Hub; return the status and the message of an error."""
    answer = LocalTransport(hub).send(
        Request(
            operation="seed file",
            method=method,
            path=f"http://127.0.0.1{path}",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            body=json.dumps({key: value for key, value in body.items() if value is not None}).encode(),
        ),
        timeout=0,
    )
    return answer.status, str(answer.json().get("error", "")) if answer.status >= 400 else ""
