from collections.abc import MutableMapping
from typing import Any

class DirCache(MutableMapping[str, Any]):
    use_listings_cache: bool
    listings_expiry_time: float | None
    max_paths: int | None
    def __init__(
        self,
        use_listings_cache: bool = True,
        listings_expiry_time: float | None = None,
        max_paths: int | None = None,
    ) -> None: ...
