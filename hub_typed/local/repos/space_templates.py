"""Files of a new Space, by its SDK."""

from __future__ import annotations

from typing import Final

from hub_typed.local.git.objects import Change, Put

__all__ = ["new_space_files"]

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


def new_space_files(name: str, sdk: str) -> list[Change]:
    """Return the files of a new Space: its card, and the page of a static one.

    Gradio, Streamlit and Docker Spaces begin without an app.
    """
    title = name.replace("-", " ").replace("_", " ").title()
    version = f"sdk_version: {_VERSIONS[sdk]}\napp_file: app.py\n" if sdk in _VERSIONS else ""
    card = f'title: "{title}"\nemoji: 🚀\ncolorFrom: blue\ncolorTo: green\nsdk: {sdk}\n{version}pinned: false\n'
    texts = {"README.md": f"---\n{card}---\n"} | (_STATIC if sdk == "static" else {})
    return [Put(path, text.encode()) for path, text in texts.items()]
