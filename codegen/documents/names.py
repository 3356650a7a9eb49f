"""Python names for what a document names freely."""

from __future__ import annotations

import keyword
import re
from urllib.parse import quote

from codegen.spec.names import pascal, snake

__all__ = ["Names", "class_name", "plain_text", "url_text"]

_MODULES = ("attrs", "common", "models", "wire", "in_path")
_BUILTINS = ("bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple", "type_", "date", "datetime")
_FUNCTIONS = ("date_text", "is_list", "is_object", "read_list", "read_map", "to_dict", "from_dict", "extra")
TAKEN = {*_MODULES, *_BUILTINS, *_FUNCTIONS}
"""What generated modules use themselves."""
CLASSES = {
    "Any",
    "Callable",
    "Iterable",
    "Literal",
    "Mapping",
    "Model",
    "Sequence",
    "TypeAlias",
    "None",
    "True",
    "False",
}


class Names:
    """Gives out names that differ from each other."""

    def __init__(self, *taken: str) -> None:
        self._taken = {snake(name) for name in taken}

    def member(self, wire: str) -> str:
        """Return a name of a parameter, attribute or function: ``lastModified`` -> ``last_modified``."""
        name = re.sub(r"\W", "", snake(wire)) or "value"
        return self._unique(f"{name}_" if name in TAKEN else name, "_")

    def cls(self, text: str) -> str:
        """Return a name of a class: ``api.pet-list`` -> ``ApiPetList``."""
        name = class_name(text)
        return self._unique(f"{name}Model" if name in CLASSES else name, "")

    def _unique(self, name: str, mark: str) -> str:
        found, number = name, 1
        while snake(found) in self._taken:
            number += 1
            found = f"{name.rstrip('_')}{mark}{number}"
        self._taken.add(snake(found))
        return found


def class_name(text: str) -> str:
    """Return a text as the name of a class."""
    name = re.sub(r"\W", "", pascal(text)) or "Value"
    return f"N{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def plain_text(value: object) -> str:
    """Return a description without control characters and with the line ends of Python."""
    lines = str(value or "").replace("\t", "    ").splitlines()
    return "\n".join("".join(c for c in line if c.isprintable()).rstrip() for line in lines).strip()


def url_text(template: str) -> str:
    """Return a URL or path with its places, encoded where URLs do not have such characters."""
    parts = re.split(r"(\{[^{}]+\})", template)
    return "".join(part if at % 2 else quote(part, safe="/:@!$&'()*+,;=%~?#[]") for at, part in enumerate(parts))
