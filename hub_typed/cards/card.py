"""Cards of models, datasets and Spaces: the metadata and text of a README."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from hub_typed.cards.data import CardData, DatasetCardData, ModelCardData, SpaceCardData
from hub_typed.cards.evaluation import CardValue
from hub_typed.cards.front_matter import (
    FrontMatter,
    dump,
    equal_in_yaml,
    first_line_break,
    line_of_member,
    parse,
    rewrite,
)
from hub_typed.clients.default import default_client
from hub_typed.disk.files import replace_text
from hub_typed.errors import CardError
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.logs.logger import log as _log
from hub_typed_api.operations import repos as operations

if TYPE_CHECKING:
    from hub_typed.client import HfApi

__all__ = ["DatasetCard", "ModelCard", "RepoCard", "SpaceCard"]

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = "README.md"


class RepoCard:
    """The README of a repository: metadata in YAML, then text in Markdown.

    Only the lines of changed metadata are rewritten; the rest of the card is preserved byte by byte.

    Attributes:
        card_data_class: Class of the metadata.
        default_template_path: Template of new cards.
        repo_type: Type of the repositories of such cards.
        data: The metadata.
        text: The text after the metadata.
        ignore_metadata_errors: Whether inconsistent metadata is dropped with a warning.
    """

    card_data_class: ClassVar[type[CardData]] = CardData
    default_template_path: ClassVar[str | os.PathLike[str]] = _TEMPLATES / "model.md"
    repo_type: str = "model"
    data: CardData
    text: str

    def __init__(self, content: str, ignore_metadata_errors: bool = False, *, source: str = "The card") -> None:
        """Parse a card.

        Args:
            content: The whole card.
            ignore_metadata_errors: Drop inconsistent metadata with a warning.
            source: Name of the card in messages, as the path of its file.

        Raises:
            CardError: The metadata is invalid; the message begins with the source and the line.
        """
        self.ignore_metadata_errors = ignore_metadata_errors
        self._source = source
        self.content = content

    @property
    def content(self) -> str:
        """The whole card.

        Raises:
            CardError: A value has a type that YAML cannot represent, or evaluation results lack ``model_name``.
        """
        members = self._members_to_write()
        front = self._front_matter
        if front is None:
            if not members:
                return self.text
            newline = first_line_break(self.text)
            mark = "\ufeff" if self.text.startswith("\ufeff") else ""  # a byte order mark must stay at the beginning
            return f"{mark}---{newline}{dump(members, newline)}---{newline}{self.text.removeprefix(mark)}"
        newline = first_line_break(front.opening)
        ended = not self.text or front.closing.endswith(("\r", "\n"))
        return (
            front.opening
            + rewrite(front.block, members, newline)
            + front.closing
            + ("" if ended else newline)
            + self.text
        )

    @content.setter
    def content(self, content: str) -> None:
        front = FrontMatter.of(content)
        members: dict[str, CardValue] = {}
        if front is None:
            _log.warning("%s has no metadata block: its metadata is empty", self._source)
        else:
            members = parse(front.block, self._source, front.first_line) or {}
        try:
            data = self.card_data_class.of(members, ignore_metadata_errors=self.ignore_metadata_errors)
        except CardError as error:
            line = front.first_line + line_of_member(front.block, error.member or "") if front else 1
            raise CardError(f"{self._source}:{line}: {error}", error.member) from error
        self.text = content if front is None else front.body
        self.data = data
        self._front_matter: FrontMatter | None = front
        self._members: dict[str, CardValue] = members
        self._original: dict[str, CardValue] = data.to_dict()

    def _members_to_write(self) -> dict[str, CardValue]:
        """Return the parsed metadata with the changes made since."""
        now = self.data.to_dict()
        members = {name: value for name, value in self._members.items() if name in now or name not in self._original}
        return members | {
            name: value
            for name, value in now.items()
            if name not in self._original or not equal_in_yaml(self._original[name], value)
        }

    def __str__(self) -> str:
        return self.content

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Write the card to a file; missing folders are created.

        Args:
            filepath: Path of the file, for example ``README.md``; an existing file is replaced.
        """
        path = Path(filepath).expanduser()
        replace_text(path, self.content)

    @classmethod
    def load(
        cls,
        repo_id_or_path: str | os.PathLike[str],
        repo_type: str | None = None,
        token: str | bool | None = None,
        ignore_metadata_errors: bool = False,
        *,
        revision: str | None = None,
        api: HfApi | None = None,
    ) -> Self:
        """Load the card of a repository, or a local file.

        Args:
            repo_id_or_path: Path of an existing file, or name of a repository, ``owner/name``.
            repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; that of the card class if not given.
            token: Overrides the client's token; ``True`` for the stored one, ``False`` for none.
            ignore_metadata_errors: Drop inconsistent metadata with a warning.
            revision: Branch, tag or commit; ``main`` if not given.
            api: The client; the default client if not given.

        Raises:
            CardError: The metadata is invalid; the message begins with the file and the line.
            FileNotFoundError: The file does not exist.
            RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
            EntryNotFoundError: The repository has no card.
        """
        path = Path(repo_id_or_path).expanduser()
        source = str(path)
        if not path.is_file():
            if not isinstance(repo_id_or_path, str):
                raise FileNotFoundError(f"No card found at {source}.")
            kind = repo_type or cls.repo_type
            client = api or default_client()
            path = Path(client.hf_hub_download(repo_id_or_path, _NAME, repo_type=kind, revision=revision, token=token))
            source = f"{repo_id_or_path}/{_NAME}"
        return cls(read_text(path, source), ignore_metadata_errors, source=source)

    def validate(
        self, repo_type: str | None = None, *, token: str | bool | None = None, api: HfApi | None = None
    ) -> None:
        """Validate the metadata on the Hub.

        Args:
            repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; that of the card class if not given.
            token: Overrides the client's token; ``True`` for the stored one, ``False`` for none.
            api: The client; the default client if not given.

        Raises:
            BadRequestError: The metadata is invalid; also a `ValueError`.
        """
        call = operations.validate_yaml(content=self.content, repo_type=repo_type or self.repo_type)
        (api or default_client()).call(call, token=token)

    def push_to_hub(
        self,
        repo_id: str,
        token: str | bool | None = None,
        repo_type: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        revision: str | None = None,
        create_pr: bool | None = None,
        parent_commit: str | None = None,
        *,
        on_conflict: Literal["raise", "rebase"] = "raise",
        api: HfApi | None = None,
    ) -> CommitInfo:
        """Commit the card to an existing repository. The Hub validates its metadata.

        Args:
            repo_id: Name of the repository, ``owner/name``.
            token: Overrides the client's token; ``True`` for the stored one, ``False`` for none.
            repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; that of the card class if not given.
            commit_message: First line of the commit message.
            commit_description: Rest of the commit message.
            revision: Branch to commit to; ``main`` if not given.
            create_pr: Open a pull request instead of committing to the branch.
            parent_commit: Commit that the branch must still point to, or that the pull request starts from.
            on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub,
                or ``rebase``, which commits on top of the new head unless commits since then changed the card.
            api: The client; the default client if not given.

        Raises:
            BadRequestError: The metadata is invalid; also a `ValueError`.
            RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
            HfHubHTTPError: The branch has moved since ``parent_commit``, or the token has no write access.
            CommitConflictError: With ``on_conflict="rebase"``, commits since ``parent_commit`` changed the card.
        """
        return (api or default_client()).upload_file(
            path_or_fileobj=self.content.encode(),
            path_in_repo=_NAME,
            repo_id=repo_id,
            repo_type=repo_type or self.repo_type,
            revision=revision,
            commit_message=commit_message,
            commit_description=commit_description,
            create_pr=create_pr,
            parent_commit=parent_commit,
            on_conflict=on_conflict,
            token=token,
        )

    @classmethod
    def from_template(
        cls,
        card_data: CardData,
        template_path: str | os.PathLike[str] | None = None,
        template_str: str | None = None,
        **template_kwargs: object,
    ) -> Self:
        """Render a card from a Jinja template, with the variable ``card_data`` and one variable per metadata member.

        As always in Jinja, one line break at the end of the template is not part of the card.

        Args:
            card_data: The metadata.
            template_path: File of the template; the default template if no template is given.
            template_str: Text of the template.
            **template_kwargs: More variables; they take precedence over the metadata.

        Raises:
            ImportError: Jinja2 is not installed.
            CardError: The rendered card has invalid metadata.
        """
        try:
            import jinja2
        except ImportError as error:
            raise ImportError("Templates of cards require Jinja2: pip install 'hub-typed[cards]'.") from error
        if template_path is not None or template_str is None:
            template_str = Path(template_path or cls.default_template_path).expanduser().read_text(encoding="utf-8")
        template = jinja2.Template(template_str)
        known: dict[str, object] = {**card_data.to_dict(), **template_kwargs}
        return cls(template.render({"card_data": card_data.to_yaml(), **known}))


class ModelCard(RepoCard):
    """Card of a model."""

    card_data_class: ClassVar[type[CardData]] = ModelCardData
    data: ModelCardData  # pyright: ignore[reportIncompatibleVariableOverride]  # narrowed on purpose


class DatasetCard(RepoCard):
    """Card of a dataset."""

    card_data_class: ClassVar[type[CardData]] = DatasetCardData
    default_template_path: ClassVar[str | os.PathLike[str]] = _TEMPLATES / "dataset.md"
    repo_type = "dataset"
    data: DatasetCardData  # pyright: ignore[reportIncompatibleVariableOverride]  # narrowed on purpose


class SpaceCard(RepoCard):
    """Card of a Space."""

    card_data_class: ClassVar[type[CardData]] = SpaceCardData
    default_template_path: ClassVar[str | os.PathLike[str]] = _TEMPLATES / "space.md"
    repo_type = "space"
    data: SpaceCardData  # pyright: ignore[reportIncompatibleVariableOverride]  # narrowed on purpose


def read_text(path: Path, source: str) -> str:
    """Read a card, keeping its line breaks and its byte order mark.

    Raises:
        CardError: The file is not UTF-8.
    """
    data = path.read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CardError(f"{source}:{line}: a card must be UTF-8, but this line is not.") from error
