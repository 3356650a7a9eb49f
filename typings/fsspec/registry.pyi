from fsspec.spec import AbstractFileSystem

def register_implementation(
    name: str, cls: type[AbstractFileSystem] | str, clobber: bool = False, errtxt: str | None = None
) -> None: ...
