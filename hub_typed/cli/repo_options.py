"""Options of commands that create or change repositories."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter

from hub_typed.cli.failures import CommandError
from hub_typed.cli.shared_options import OnOff

__all__ = [
    "CommitDescription",
    "CommitMessage",
    "CreatePr",
    "ExistOk",
    "Private",
    "Protected",
    "Public",
    "ResourceGroup",
    "chosen_visibility",
]

Visibility: TypeAlias = Literal["public", "private", "protected"]
Private: TypeAlias = Annotated[OnOff, Parameter(help="Only the owner sees the repository, or everybody does.")]
Public: TypeAlias = Annotated[bool, Parameter(help="The same as --no-private.")]
Protected: TypeAlias = Annotated[bool, Parameter(help="Everybody can use the Space, but not see its files.")]
ExistOk: TypeAlias = Annotated[bool, Parameter(help="Keep what exists already, instead of failing.")]
ResourceGroup: TypeAlias = Annotated[
    str | None, Parameter(name="--resource-group-id", help="Resource group of the organization.")
]
CommitMessage: TypeAlias = Annotated[str | None, Parameter(help="First line of the message of the commit.")]
CommitDescription: TypeAlias = Annotated[str | None, Parameter(help="The rest of the message.")]
CreatePr: TypeAlias = Annotated[bool, Parameter(help="Open a pull request instead of committing to the branch.")]


def chosen_visibility(*, private: bool | None, public: bool, protected: bool = False) -> Visibility | None:
    """Return the visibility that the options say; ``None`` without one.

    Raises:
        CommandError: They contradict each other.
    """
    names: list[Visibility] = []
    if public or private is False:
        names.append("public")
    if private:
        names.append("private")
    if protected:
        names.append("protected")
    if len(names) > 1:
        raise CommandError(f"A repository cannot be {' and '.join(names)} at the same time: choose one.")
    return names[0] if names else None
