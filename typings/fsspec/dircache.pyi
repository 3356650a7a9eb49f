from collections.abc import MutableMapping
from typing import Any

class DirCache(MutableMapping[str, Any]): ...
