"""Cards of models, datasets and Spaces: metadata and text of a README."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from hub_typed.cards.data import CardData, DatasetCardData, ModelCardData, SpaceCardData
from hub_typed.cards.evaluation import CardValue
from hub_typed.cards.front_matter import Front, dumped, line_break, line_of, read, rewritten, same
from hub_typed.clients.default import default_client
from hub_typed.disk.files import replace_text
from hub_typed.errors import CardError
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed_api.operations import repos as operations

if TYPE_CHECKING:
    from hub_typed.client import HfApi

__all__ = ["DatasetCard", "ModelCard", "RepoCard", "SpaceCard"]

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = "README.md"


class RepoCard:
    """The README of a repository: metadata in YAML, then text in Markdown.

    Whatever is changed, the rest of the card stays as it is, to the byte: only the lines of metadata that were changed
    are written anew.

    Attributes:
        card_data_class: The class of the metadata.
        default_template_path: The template of new cards.
        repo_type: The kind of repository that such cards are of.
        data: The metadata.
        text: What comes after them.
        ignore_metadata_errors: Whether metadata that contradict themselves are left out, with a warning.
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
            ignore_metadata_errors: Leave out metadata that contradict themselves, with a warning.
            source: What messages call the card, as the path of its file.

        Raises:
            CardError: The metadata cannot be read; the message begins with the source and the line.
        """
        self.ignore_metadata_errors = ignore_metadata_errors
        self._source = source
        self.content = content

    @property
    def content(self) -> str:
        """The whole card.

        Raises:
            CardError: A value is of a class that YAML does not know, or there are results without the name of a model.
        """
        wanted = self._wanted()
        front = self._front
        if front is None:
            if not wanted:
                return self.text
            newline = line_break(self.text)
            mark = "\ufeff" if self.text.startswith("\ufeff") else ""  # it marks the beginning of a file
            return f"{mark}---{newline}{dumped(wanted, newline)}---{newline}{self.text.removeprefix(mark)}"
        newline = line_break(front.opening)
        ended = not self.text or front.closing.endswith(("\r", "\n"))
        return (
            front.opening
            + rewritten(front.block, wanted, newline)
            + front.closing
            + ("" if ended else newline)
            + self.text
        )

    @content.setter
    def content(self, content: str) -> None:
        front = Front.of(content)
        members: dict[str, CardValue] = {}
        if front is not None:
            members = read(front.block, self._source, front.first_line) or {}
        try:
            data = self.card_data_class.of(members, ignore_metadata_errors=self.ignore_metadata_errors)
        except CardError as error:
            line = front.first_line + line_of(front.block, error.member or "") if front else 1
            raise CardError(f"{self._source}:{line}: {error}", error.member) from error
        self.text = content if front is None else front.body
        self.data = data
        self._front: Front | None = front
        self._members: dict[str, CardValue] = members
        self._known: dict[str, CardValue] = data.to_dict()

    def _wanted(self) -> dict[str, CardValue]:
        """Metadata to write: the original ones with the changes since."""
        now = self.data.to_dict()
        wanted = {name: value for name, value in self._members.items() if name in now or name not in self._known}
        return wanted | {
            name: value for name, value in now.items() if name not in self._known or not same(self._known[name], value)
        }

    def __str__(self) -> str:
        return self.content

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Write the card to a file; missing folders are created.

        Args:
            filepath: Path of the file, as ``README.md``.
        """
        path = Path(filepath)
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
        """Load the card of a repository, or a local one.

        Args:
            repo_id_or_path: Name of a repository, as ``owner/name``, or path of a file.
            repo_type: ``model``, ``dataset`` or ``space``; that of the class if not given.
            token: In place of the client's: a token, ``True`` for the stored one, ``False`` for none.
            ignore_metadata_errors: Leave out metadata that contradict themselves, with a warning.
            revision: Branch, tag or commit; ``main`` if not given.
            api: The client; that of the module's functions if not given.

        Raises:
            CardError: The metadata cannot be read; the message begins with the file and the line.
            FileNotFoundError: There is no such file.
            RepositoryNotFoundError: There is no such repository, or the token may not see it.
            EntryNotFoundError: It has no card.
        """
        path = Path(repo_id_or_path)
        source = str(path)
        if not path.is_file():
            if not isinstance(repo_id_or_path, str):
                raise FileNotFoundError(f"There is no card at {source}.")
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
            repo_type: ``model``, ``dataset`` or ``space``; that of the class if not given.
            token: In place of the client's: a token, ``True`` for the stored one, ``False`` for none.
            api: The client; that of the module's functions if not given.

        Raises:
            BadRequestError: The Hub would refuse them; it is a `ValueError` too.
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
        api: HfApi | None = None,
    ) -> CommitInfo:
        """Commit the card to a repository, after validation on the Hub.

        Args:
            repo_id: Name, as ``owner/name``; the repository must exist.
            token: In place of the client's: a token, ``True`` for the stored one, ``False`` for none.
            repo_type: ``model``, ``dataset`` or ``space``; that of the class if not given.
            commit_message: First line of the message.
            commit_description: The rest of the message.
            revision: Branch to commit to; ``main`` if not given.
            create_pr: Leave the branch alone and open a pull request.
            parent_commit: Commit that the branch must still be at, or that the pull request starts from.
            api: The client; that of the module's functions if not given.

        Raises:
            BadRequestError: The Hub refuses the metadata; it is a `ValueError` too.
            RepositoryNotFoundError: There is no such repository, or the token may not see it.
            HfHubHTTPError: The branch has moved since ``parent_commit``, or the token lacks the right.
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
        """Render a card from a Jinja template, with the metadata as ``card_data`` and each by its name.

        Args:
            card_data: The metadata.
            template_path: File of the template; one of this library if neither is given.
            template_str: The template itself.
            **template_kwargs: More for the template; these win over the metadata.

        Raises:
            ImportError: Jinja2 is not installed.
            CardError: What the template makes has metadata that cannot be read.
        """
        try:
            import jinja2
        except ImportError as error:
            raise ImportError("Templates of cards need Jinja2: pip install 'hub-typed[cards]'.") from error
        if template_path is not None or template_str is None:
            template_str = Path(template_path or cls.default_template_path).read_text(encoding="utf-8")
        template = jinja2.Template(template_str, keep_trailing_newline=True)
        known: dict[str, object] = {**card_data.to_dict(), **template_kwargs}
        return cls(template.render({"card_data": card_data.to_yaml(), **known}))


class ModelCard(RepoCard):
    """Card of a model."""

    card_data_class: ClassVar[type[CardData]] = ModelCardData
    data: ModelCardData  # pyright: ignore[reportIncompatibleVariableOverride]  # the card of a model has no other


class DatasetCard(RepoCard):
    """Card of a dataset."""

    card_data_class: ClassVar[type[CardData]] = DatasetCardData
    default_template_path: ClassVar[str | os.PathLike[str]] = _TEMPLATES / "dataset.md"
    repo_type = "dataset"
    data: DatasetCardData  # pyright: ignore[reportIncompatibleVariableOverride]  # likewise


class SpaceCard(RepoCard):
    """Card of a Space."""

    card_data_class: ClassVar[type[CardData]] = SpaceCardData
    default_template_path: ClassVar[str | os.PathLike[str]] = _TEMPLATES / "space.md"
    repo_type = "space"
    data: SpaceCardData  # pyright: ignore[reportIncompatibleVariableOverride]  # likewise


def read_text(path: Path, source: str) -> str:
    """Read a card without changing its line breaks and its byte order mark.

    Raises:
        CardError: It is not UTF-8.
    """
    data = path.read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CardError(f"{source}:{line}: a card must be UTF-8, and there is a byte that is not.") from error
