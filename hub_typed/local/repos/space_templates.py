"""Files of a new Space, by its SDK or template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from hub_typed.local.git.objects import Change, Put
from hub_typed_api.models import SpaceTemplate

__all__ = ["TEMPLATES", "Template", "new_space_files"]

_VERSIONS: Final = {"gradio": "5.49.1", "streamlit": "1.50.0"}
"""Version that the card of a new Space names; the other SDKs have none."""
_STATIC: Final = {
    "index.html": """<!doctype html>
<html>
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>A static Space</title>
    <link rel="stylesheet" href="style.css" />
  </head>
  <body>
    <main>
      <h1>A static Space</h1>
      <p>Edit <code>index.html</code> to change this page.</p>
    </main>
  </body>
</html>
""",
    "style.css": """body {
  font-family: sans-serif;
  margin: 2rem;
}

main {
  margin: 0 auto;
  max-width: 40rem;
}
""",
}


@attrs.frozen
class Template:
    """A template of Spaces, with the files that it adds to those of its SDK."""

    info: SpaceTemplate
    files: Mapping[str, str]


def _template(name: str, repo_id: str, sdk: str, files: Mapping[str, str], *, private: bool = False) -> Template:
    return Template(SpaceTemplate(name=name, repo_id=repo_id, sdk=sdk, preferred_private=private), files)


TEMPLATES: Final = (
    _template(
        "Greeting",
        "templates/greeting",
        "gradio",
        {
            "app.py": 'import gradio as gr\n\ngr.Interface(lambda name: f"Hello {name}!", "text", "text").launch()\n',
            "requirements.txt": "gradio\n",
        },
    ),
    _template(
        "JupyterLab",
        "templates/jupyterlab",
        "docker",
        {"Dockerfile": "FROM quay.io/jupyter/minimal-notebook\nEXPOSE 8888\n"},
        private=True,
    ),
    _template("Static page", "templates/static-page", "static", {}),
)


def new_space_files(name: str, sdk: str, template: Template | None = None) -> list[Change]:
    """Return the files of a new Space: its card, and the page of a static one; those of the template, if any.

    Without a template, Gradio, Streamlit and Docker Spaces begin without an app.
    """
    title = name.replace("-", " ").replace("_", " ").title()
    version = f"sdk_version: {_VERSIONS[sdk]}\napp_file: app.py\n" if sdk in _VERSIONS else ""
    card = f'title: "{title}"\nemoji: 🚀\ncolorFrom: blue\ncolorTo: green\nsdk: {sdk}\n{version}pinned: false\n'
    texts = {"README.md": f"---\n{card}---\n"} | (_STATIC if sdk == "static" else {})
    return [Put(path, text.encode()) for path, text in {**texts, **(template.files if template else {})}.items()]
