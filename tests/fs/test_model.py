"""Random operations have the same results as with the file system of fsspec for local files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from fsspec.implementations.local import LocalFileSystem
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub_typed import HfApi
from hub_typed.fs import HubFileSystem
from hub_typed.local import LocalHub

files = st.sampled_from(["a", "b.txt", "d/a", "d/e/a", "d/e/b", "f/a"])
folders = st.sampled_from(["", "d", "d/e", "f", "none"])
contents = st.binary(max_size=50)
_numbers = count()


def visible(paths: Iterable[str]) -> list[str]:
    """Without the file that the Hub writes by itself."""
    return [path for path in paths if not path.endswith("/.gitattributes")]


class SameAsLocalFiles(RuleBasedStateMachine):
    """The same operations on a repository and on a folder; neither has empty folders."""

    hub: LocalHub
    fs: HubFileSystem

    def __init__(self) -> None:
        super().__init__()
        with HfApi(self.hub.endpoint, self.hub.token) as api:
            self.theirs = self.create(api, f"local-user/box-{next(_numbers)}")
        self.local = LocalFileSystem(auto_mkdir=True)
        self.folder = tempfile.TemporaryDirectory()

    def create(self, api: HfApi, name: str) -> str:
        """Create where the files are, and return its path."""
        api.create_repo(name)
        return name

    def teardown(self) -> None:
        self.folder.cleanup()

    def paths(self, root: str) -> dict[str, bytes]:
        fs: Any = self.local if root == self.folder.name else self.fs
        return {path.removeprefix(f"{root}/"): fs.cat_file(path) for path in visible(fs.find(root))}

    def same(self, do: Callable[[Any, str], Any]) -> None:
        """Do it on both sides; the results, or the fact that there is none, are the same."""
        results = []
        for fs, root in ((self.local, self.folder.name), (self.fs, self.theirs)):
            try:
                results.append(do(fs, root))
            except (OSError, ValueError):
                results.append("an error")
        assert results[0] == results[1]
        for parent, _, _ in os.walk(self.folder.name, topdown=False):
            if not os.listdir(parent) and parent != self.folder.name:
                os.rmdir(parent)

    @rule(path=files, content=contents)
    def write(self, path, content):
        self.same(lambda fs, root: fs.pipe_file(f"{root}/{path}", content))

    @rule(path=files, content=contents)
    def append(self, path, content):
        def do(fs, root):
            with fs.open(f"{root}/{path}", "ab") as file:
                file.write(content)

        self.same(do)

    @rule(path=files, start=st.integers(-60, 60), end=st.none() | st.integers(-60, 60))
    def read(self, path, start, end):
        def do(fs, root):
            with fs.open(f"{root}/{path}", "rb") as file:
                return file.read()[start:end]

        self.same(do)

    @rule(path=files, at=st.integers(0, 60), length=st.integers(0, 60))
    def read_a_range(self, path, at, length):
        def do(fs, root):
            with fs.open(f"{root}/{path}", "rb") as file:
                file.seek(at)
                return file.read(length)

        self.same(do)

    @rule(path=files)
    def delete(self, path):
        self.same(lambda fs, root: fs.rm(f"{root}/{path}"))

    @rule(source=files, destination=files)
    def copy(self, source, destination):
        if source != destination:
            self.same(lambda fs, root: fs.copy(f"{root}/{source}", f"{root}/{destination}"))

    @rule(source=files, destination=files)
    def move(self, source, destination):
        if source != destination:
            self.same(lambda fs, root: fs.mv(f"{root}/{source}", f"{root}/{destination}"))

    @rule(path=folders)
    def list_a_folder(self, path):
        def do(fs, root):
            return sorted(
                (info["name"].removeprefix(root), info["type"]) for info in fs.ls(f"{root}/{path}", detail=True)
            )

        if path:
            self.same(do)

    @rule(pattern=st.sampled_from(["*", "**", "d/*", "d/**", "*/a", "**/a", "[ab]*", "?", "none/*"]))
    def match(self, pattern):
        self.same(lambda fs, root: sorted(path.removeprefix(root) for path in visible(fs.glob(f"{root}/{pattern}"))))

    @rule(path=files | folders)
    def look(self, path):
        if path:
            self.same(lambda fs, root: [getattr(fs, what)(f"{root}/{path}") for what in ("exists", "isfile", "isdir")])

    @rule(path=folders, maxdepth=st.none() | st.integers(1, 3), withdirs=st.booleans())
    def find(self, path, maxdepth, withdirs):
        def do(fs, root):
            found = fs.find(f"{root}/{path}", maxdepth=maxdepth, withdirs=withdirs)
            return sorted(name.removeprefix(root) for name in found)

        if path:
            self.same(do)

    @invariant()
    def the_files_are_the_same(self):
        assert self.paths(self.folder.name) == self.paths(self.theirs)


def test_random_operations_do_what_they_do_to_local_files(hub, fs):
    class Machine(SameAsLocalFiles):
        pass

    Machine.hub, Machine.fs = hub, fs
    test = Machine.TestCase()
    test.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
    test.runTest()
