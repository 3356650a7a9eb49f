"""Run the cells of a notebook in a kernel of their own, and print their outputs and the widgets as JSON."""

from __future__ import annotations

import json
import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sys.argv[1:]])
NotebookClient(notebook, timeout=50, kernel_name="python3", store_widget_state=True).execute()
states = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
print(
    json.dumps(
        {
            "outputs": [output for cell in notebook.cells for output in cell.outputs],
            "widgets": [{"model": one["model_name"], "value": one["state"].get("value")} for one in states.values()],
        }
    )
)
