"""Base class of models of any framework."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final, Self

import attrs

from hub_typed.cards.card import ModelCard
from hub_typed.cards.data import ModelCardData
from hub_typed.clients.default import default_client
from hub_typed.constants import CONFIG_NAME, REPOCARD_NAME
from hub_typed.disk.files import replace_text
from hub_typed.errors import EntryNotFoundError, LocalEntryNotFoundError
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.files.cache_lookup import CachedNoExist, try_to_load_from_cache
from hub_typed.mixins.init_arguments import Coders, decode_arguments, encode_arguments, encode_config, is_members

__all__ = ["ModelHubMixin"]

_TEMPLATE: Final = Path(__file__).parent.parent / "cards" / "templates" / "model_hub_mixin.md"


@attrs.frozen
class CardOptions:
    """What a class says about the cards of its models.

    Attributes:
        metadata: Members of the metadata.
        tags: Tags, of the base classes too.
        variables: Variables of the template.
        template: Template of the card; the default template if ``None``.
    """

    metadata: Mapping[str, str | list[str]] = attrs.Factory(dict[str, str | list[str]])
    tags: tuple[str, ...] = ()
    variables: Mapping[str, str] = attrs.Factory(dict[str, str])
    template: str | None = None


class ModelHubMixin:
    """Base class that gives a model ``save_pretrained``, ``from_pretrained`` and ``push_to_hub``.

    A class of models defines ``_save_pretrained`` and ``_from_pretrained``. The arguments of ``__init__`` are recorded,
    written to ``config.json`` as far as JSON can represent them, and passed again by ``from_pretrained``. Dataclasses
    are supported; ``coders`` convert other types. Arguments of the class statement describe the model in its card:
    ``class MyModel(ModelHubMixin, library_name="mine", license="mit")``.
    """

    _hub_mixin_config: dict[str, object] | None = None
    _hub_mixin_card: ClassVar[CardOptions] = CardOptions(tags=("model_hub_mixin",))
    _hub_mixin_coders: ClassVar[Coders] = {}

    def __init_subclass__(
        cls,
        *,
        repo_url: str | None = None,
        paper_url: str | None = None,
        docs_url: str | None = None,
        model_card_template: str | None = None,
        language: list[str] | None = None,
        library_name: str | None = None,
        license: str | None = None,
        license_name: str | None = None,
        license_link: str | None = None,
        pipeline_tag: str | None = None,
        tags: list[str] | None = None,
        coders: Coders | None = None,
    ) -> None:
        """Describe the models of a class; what is not given comes from the base class."""
        super().__init_subclass__()
        base = cls._hub_mixin_card
        metadata: dict[str, str | list[str] | None] = {
            "language": language,
            "library_name": library_name,
            "license": license,
            "license_name": license_name,
            "license_link": license_link,
            "pipeline_tag": pipeline_tag,
        }
        variables = {"repo_url": repo_url, "paper_url": paper_url, "docs_url": docs_url}
        cls._hub_mixin_card = CardOptions(
            {**base.metadata, **{name: value for name, value in metadata.items() if value is not None}},
            tuple(dict.fromkeys([*base.tags, *(tags or ())])),
            {**base.variables, **{name: value for name, value in variables.items() if value is not None}},
            base.template if model_card_template is None else model_card_template,
        )
        cls._hub_mixin_coders = {**cls._hub_mixin_coders, **(coders or {})}

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Record the arguments of ``__init__``."""
        self = super().__new__(cls)
        self.__dict__["_hub_mixin_config"] = encode_arguments(cls.__init__, args, kwargs, cls._hub_mixin_coders)
        return self

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        *,
        config: object = None,
        repo_id: str | None = None,
        push_to_hub: bool = False,
        model_card_kwargs: Mapping[str, object] | None = None,
        **push_to_hub_kwargs: Any,
    ) -> CommitInfo | None:
        """Save the model to a folder: its weights, ``config.json`` and, if there is none yet, a card.

        Args:
            save_directory: The folder; it is created if missing.
            config: Configuration to write, a dictionary or dataclass; the arguments of ``__init__`` if not given.
            repo_id: Repository for ``push_to_hub``; the name of the folder if not given.
            push_to_hub: Whether to upload the model, too.
            model_card_kwargs: Variables of the template of the card.
            **push_to_hub_kwargs: Further arguments of `push_to_hub`.

        Raises:
            ImportError: The card needs Jinja2, which is not installed.
        """
        folder = Path(save_directory)
        folder.mkdir(parents=True, exist_ok=True)
        written = folder / CONFIG_NAME
        written.unlink(missing_ok=True)  # one of another model
        self._save_pretrained(folder)
        members = self._hub_mixin_config if config is None else encode_config(config)
        if members and not written.is_file():
            replace_text(written, json.dumps(members, sort_keys=True, indent=2) + "\n")
        if not (folder / REPOCARD_NAME).is_file():
            self.generate_model_card(**(model_card_kwargs or {})).save(folder / REPOCARD_NAME)
        if not push_to_hub:
            return None
        return self.push_to_hub(
            repo_id or folder.name, config=config, model_card_kwargs=model_card_kwargs, **push_to_hub_kwargs
        )

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write the weights to a folder; to be defined by the class of the model."""
        raise NotImplementedError(f"{type(self).__name__} must define _save_pretrained(save_directory).")

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | os.PathLike[str],
        *,
        force_download: bool = False,
        token: str | bool | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        local_files_only: bool = False,
        revision: str | None = None,
        **model_kwargs: Any,
    ) -> Self:
        """Load a model from a folder or from the Hub.

        Args:
            pretrained_model_name_or_path: A folder that `save_pretrained` wrote, or a repository, ``owner/name``.
            force_download: Download the files even if they are in the cache.
            token: Overrides the client's token; ``True`` for the stored one, ``False`` for none.
            cache_dir: Folder of the cache; the one from the settings if not given.
            local_files_only: Send no requests.
            revision: Branch, tag or commit; ``main`` if not given.
            **model_kwargs: Arguments of ``__init__``, in place of the saved ones.

        Raises:
            RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
            EntryNotFoundError: The repository has no weights.
            LocalEntryNotFoundError: A file is not in the cache, and the Hub is unreachable or must not be requested.
            ValueError: ``config.json`` is not a JSON object.
        """
        model_id = os.fspath(pretrained_model_name_or_path)
        source = PretrainedFiles(model_id, revision, cache_dir, force_download, local_files_only, token)
        path = source.find(CONFIG_NAME)
        config = {} if path is None else _read_config(path)
        return cls._from_pretrained(
            model_id=model_id,
            revision=revision,
            cache_dir=cache_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            token=token,
            **decode_arguments(cls.__init__, config, model_kwargs, cls._hub_mixin_coders),
        )

    @classmethod
    def _from_pretrained(
        cls,
        *,
        model_id: str,
        revision: str | None,
        cache_dir: str | os.PathLike[str] | None,
        force_download: bool,
        local_files_only: bool,
        token: str | bool | None,
        **model_kwargs: Any,
    ) -> Self:
        """Make a model with arguments of ``__init__`` and load its weights; to be defined by the class of the model."""
        raise NotImplementedError(f"{cls.__name__} must define _from_pretrained(model_id=..., **model_kwargs).")

    def push_to_hub(
        self,
        repo_id: str,
        *,
        config: object = None,
        commit_message: str = "Upload a model with hub-typed",
        private: bool | None = None,
        token: str | None = None,
        branch: str | None = None,
        create_pr: bool | None = None,
        allow_patterns: Sequence[str] | str | None = None,
        ignore_patterns: Sequence[str] | str | None = None,
        delete_patterns: Sequence[str] | str | None = None,
        model_card_kwargs: Mapping[str, object] | None = None,
    ) -> CommitInfo:
        """Save the model to a repository, which is created if missing, in one commit.

        Args:
            repo_id: Name of the repository, ``owner/name``.
            config: Configuration to write, a dictionary or dataclass; the arguments of ``__init__`` if not given.
            commit_message: First line of the commit message.
            private: Whether a new repository is private; the default of its owner if not given.
            token: Overrides the client's token.
            branch: Branch to commit to; ``main`` if not given.
            create_pr: Open a pull request instead of committing to the branch.
            allow_patterns: Shell patterns; only files that match one are uploaded.
            ignore_patterns: Shell patterns; files that match one are not uploaded.
            delete_patterns: Shell patterns; files of the repository that match one are deleted in the same commit.
            model_card_kwargs: Variables of the template of the card.

        Raises:
            ImportError: The card needs Jinja2, which is not installed.
            HfHubHTTPError: The token is missing or has no write access.
        """
        api = default_client()
        repo = api.create_repo(repo_id, private=private, exist_ok=True, token=token).repo_id
        with TemporaryDirectory() as folder:
            self.save_pretrained(folder, config=config, model_card_kwargs=model_card_kwargs)
            return api.upload_folder(
                repo_id=repo,
                folder_path=folder,
                commit_message=commit_message,
                revision=branch,
                create_pr=create_pr,
                allow_patterns=allow_patterns,
                ignore_patterns=ignore_patterns,
                delete_patterns=delete_patterns,
                token=token,
            )

    def generate_model_card(self, **kwargs: object) -> ModelCard:
        """Render the card of the model.

        Args:
            **kwargs: Variables of the template, in place of those of the class.

        Raises:
            ImportError: Jinja2 is not installed.
        """
        options = self._hub_mixin_card
        members: dict[str, Any] = {**options.metadata, "tags": list(options.tags)}
        return ModelCard.from_template(
            ModelCardData(**members),
            template_path=None if options.template is not None else _TEMPLATE,
            template_str=options.template,
            **{"mixin": ModelHubMixin.__name__, **options.variables, **kwargs},
        )


@attrs.frozen
class PretrainedFiles:
    """Files of a saved model, in a folder or on the Hub.

    Attributes:
        model_id: The folder or repository.
    """

    model_id: str
    revision: str | None
    cache_dir: str | os.PathLike[str] | None
    force_download: bool
    local_files_only: bool
    token: str | bool | None

    def find(self, filename: str) -> Path | None:
        """Return the path of a file, downloaded if necessary; ``None`` if the model does not have it.

        Raises:
            LocalEntryNotFoundError: Whether the model has it is not known, as the Hub cannot be asked.
        """
        if os.path.isdir(self.model_id):
            path = Path(self.model_id, filename)
            return path if path.is_file() else None
        try:
            return Path(
                default_client().hf_hub_download(
                    self.model_id,
                    filename,
                    revision=self.revision,
                    cache_dir=self.cache_dir,
                    force_download=self.force_download,
                    local_files_only=self.local_files_only,
                    token=self.token,
                )
            )
        except LocalEntryNotFoundError:
            if try_to_load_from_cache(self.model_id, filename, self.cache_dir, self.revision) is CachedNoExist.NO_EXIST:
                return None
            raise
        except EntryNotFoundError:
            return None


def _read_config(path: Path) -> dict[str, object]:
    config: object = json.loads(path.read_text(encoding="utf-8"))
    if not is_members(config):
        raise ValueError(f"{path} is not a JSON object.")
    return config
