"""Printing of the card of a repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions
from hub_typed.cli.text_lines import print_lines

__all__ = ["MetadataAlone", "TextAlone", "print_card"]

MetadataAlone: TypeAlias = Annotated[bool, Parameter(help="Print the metadata alone.")]
TextAlone: TypeAlias = Annotated[bool, Parameter(help="Print the text alone, without the metadata.")]


def print_card(
    repo_id: str,
    repo_type: Literal["model", "dataset", "space"],
    *,
    metadata: bool,
    text: bool,
    hub: HubOptions,
    output: Output,
) -> None:
    """Print the README of a repository; in JSON, its metadata and its text are members.

    Raises:
        CommandError: Both parts are asked for alone.
    """
    from hub_typed import RepoCard

    if metadata and text:
        raise CommandError("--metadata and --text are parts of the card: without both, all of it is printed.")
    as_json = output.shape == "json"
    with hub.client(output) as api:
        path = Path(api.hf_hub_download(repo_id, "README.md", repo_type=repo_type))
    content = path.read_bytes().decode("utf-8", errors="replace")
    if not (metadata or text or as_json):
        print_lines(content, output)
        return
    card = RepoCard(content, ignore_metadata_errors=True, source=f"{repo_id}/README.md")
    members = card.data.to_dict()
    if not as_json:
        print_lines(f"{card.data.to_yaml()}\n" if metadata else card.text, output)
    elif metadata:
        output.record(members, {}, id=repo_id)
    else:
        output.record({"text": card.text} if text else {"metadata": members, "text": card.text}, {}, id=repo_id)
