"""Our client and the official one, measured side by side in one run against the same embedded Hub."""

__all__: list[str] = []
