"""Clients of small documents, one for each group of features: their types are sound, and their requests are right."""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from codegen.tool import generate_client
from hub_typed.service import File, ResponseError

DOCUMENTS = Path(__file__).parent / "documents"
NAMES = ("answers.json", "areas", "forms.yaml", "odd.yaml", "pets.yaml", "places.yaml", "shapes.yaml")


class Asked(NamedTuple):
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes


class Server:
    """A server that records what it is asked, and answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: tuple[int, str, bytes] = (204, "", b"")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do(self) -> None:
                url, size = urlsplit(self.path), int(self.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = parse_qsl(url.query, keep_blank_values=True)
                outer.asked.append(Asked(self.command, url.path, query, headers, self.rfile.read(size)))
                status, kind, body = outer.answer
                self.send_response(status)
                if kind:
                    self.send_header("content-type", kind)
                if status != 204:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        for method in ("GET", "POST", "PUT", "DELETE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.do)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def says(self, body: object, status: int = 200, kind: str = "application/json") -> None:
        self.answer = (status, kind, body if isinstance(body, bytes) else json.dumps(body).encode())

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """All packages, importable."""
    folder = tmp_path_factory.mktemp("clients")
    for name in NAMES:
        generate_client(DOCUMENTS / name, f"{Path(name).stem}_api", folder)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def client(folder: Path, name: str, url: str | None, **options: Any) -> Any:
    package = importlib.import_module(f"{name}_api")
    assert package.__file__ is not None
    assert package.__file__.startswith(str(folder))
    return getattr(package, f"{name.capitalize()}Api")(url, **options)


def test_mypy_finds_nothing_in_strict_mode(folder, repository):
    packages = [word for name in NAMES for word in ("-p", f"{Path(name).stem}_api")]
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(folder / "mypy.ini"), *packages]
    (folder / "mypy.ini").write_text(f"[mypy]\nmypy_path = {folder}:{repository}/generated:{repository}/typings\n")
    ran = subprocess.run(command, cwd=repository, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_the_output_says_nothing_of_the_hub(folder):
    texts = {
        path: path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if "_api" in path.parts[-2] + str(path)
    }
    assert texts
    allowed = ("hub_typed.service", "hub_typed.http.io", "hub_typed.settings")
    for path, text in texts.items():
        for word in allowed:
            text = text.replace(word, "")  # noqa: PLW2901
        assert "hub" not in text.lower(), path
        assert "hugging" not in text.lower(), path


def test_pets(folder, server):
    api = client(folder, "pets", server.url)
    pet = {"name": "Rex", "mood": None, "born": "2024-02-29T12:00:00Z", "size": {"height": 1.5, "unit": "ell"}}
    server.says([pet | {"best-friend": pet | {"mood": "good"}, "new": 1}])
    (rex,) = api.list_pets(x_trace=7, tags=["a", "b"], born_after=datetime(2024, 1, 1, tzinfo=UTC), class_="off")
    assert server.last.query == [
        ("tags", "a"),
        ("tags", "b"),
        ("bornAfter", "2024-01-01T00:00:00.000Z"),
        ("class", "off"),
    ]
    assert server.last.headers["x-trace"] == "7"
    assert (rex.best_friend.mood, rex.size.unit, rex.extra) == ("good", "ell", {"new": 1})
    assert rex.born == datetime(2024, 2, 29, 12, tzinfo=UTC)
    server.says(pet, 201)
    assert api.post_pets(name="Rex", list_=[1], x_trace=1, x_trace_2="in the body").mood is None
    assert json.loads(server.last.body) == {"name": "Rex", "list": [1], "X-Trace": "in the body"}
    server.says({"kind": "person", "name": "Ann"})
    assert api.pets_get_owner(3).name == "Ann"
    assert server.last.path == "/pets/3/owner"
    server.says({"kind": "Shelter", "places": 4})  # no value of the mapping, so the name of the schema
    assert api.pets_get_owner(3).places == 4
    server.says(None)
    assert api.pets_get_owner(3) is None
    server.says({"kind": "robot"})
    assert api.pets_get_owner(3) == {"kind": "robot"}


def test_shapes_there_and_back(folder, server):
    api = client(folder, "shapes", server.url)
    models = importlib.import_module("shapes_api.models")
    drawing = {
        "layers": [{"kind": "group", "figures": [{"kind": "circle", "radius": 1.5}]}, {"kind": "square", "side": 2}],
        "note": None,
        "size": {"diameter": 3},
        "label": {"text": "one"},
        "points": [1, {"text": "two"}],
        "made": "2024-02-29T12:00:00.000Z",
        "visits": {"first": "2024-02-29T12:00:00.000Z"},
        "tree": {"left": {"leaves": ["a", {"leaves": []}]}},
        "json": ["a", ["b"]],
        "level": 2,
        "title": {"text": "three"},
        "common": True,
        "attrs": {"str": "s", "int": 1},
        "more": "kept",
    }
    read = models.Drawing.from_dict(drawing)
    assert isinstance(read.layers[0].figures[0], models.FigureCircle)
    assert isinstance(read.size, models.Round)
    assert isinstance(read.points[1], models.Label)
    assert isinstance(read.tree.left.leaves[1], models.Tree)
    server.says(drawing)
    assert api.put_drawing("mine", body=read) == read
    assert json.loads(server.last.body) == drawing
    assert isinstance(models.Drawing.from_dict(drawing | {"size": {"width": 1}}).size, models.Box)
    api.put_drawing("mine")
    assert (server.last.body, "content-type" in server.last.headers) == (b"", False)


def test_forms(folder, server):
    api = client(folder, "forms", server.url)
    models = importlib.import_module("forms_api.models")
    about = models.UploadFileBodyAbout(title="Two")
    api.upload_file(
        file=File(b"\x00one", name='a".txt', media_type="text/plain"), more=[b"two", b"three"], public=True, about=about
    )
    kind, _, boundary = server.last.headers["content-type"].partition("; boundary=")
    parts = server.last.body.split(f"--{boundary}".encode())
    assert (kind, parts[0], parts[-1]) == ("multipart/form-data", b"", b"--\r\n")
    assert parts[1] == (
        b'\r\nContent-Disposition: form-data; name="file"; filename="a%22.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n\x00one\r\n"
    )
    assert [part.partition(b"\r\n\r\n")[2] for part in parts[2:-1]] == [
        b"two\r\n",
        b"three\r\n",
        b"true\r\n",
        b'{"title": "Two"}\r\n',
    ]
    api.put_file(body=b"image")
    assert (server.last.body, server.last.headers["content-type"]) == (b"image", "image/png")
    api.post_charges(amount=3, expand=["a", "b"], card=models.PostChargesBodyCard(number="4", years=[1, 2]))
    assert dict(parse_qsl(server.last.body.decode())) == {
        "amount": "3",
        "expand[0]": "a",
        "expand[1]": "b",
        "card[number]": "4",
        "card[years][0]": "1",
        "card[years][1]": "2",
    }
    api.login(user="ann & bob", scopes=["x", "y"])
    assert parse_qsl(server.last.body.decode()) == [("user", "ann & bob"), ("scopes", "x"), ("scopes", "y")]
    api.add_names(body=[models.Name(first="Ann", since=datetime(2024, 1, 1, tzinfo=UTC))])
    assert json.loads(server.last.body) == [{"first": "Ann", "since": "2024-01-01T00:00:00.000Z"}]
    assert server.last.headers["content-type"] == "application/vnd.names+json"


def test_places_of_parameters_and_credentials(folder, server):
    port = server.url.rpartition(":")[2]
    keys = {"key": "k y", "header_key": "h", "cookie_key": "c", "account": ("ann", "secret")}
    api = client(folder, "places", None, host="127.0.0.1", port=port, **keys)
    models = importlib.import_module("places_api.models")
    where = {"a": [1]}
    filter_ = models.Filter(min_size=2, by=["x", "y"])
    api.get_things(
        [1, 2], True, session="a b", x_many=["p", "q"], filter=filter_, comma=["a", "b"], pipe=["c", "d"], where=where
    )
    assert server.last.path == "/v1/things/1,2/true"
    assert server.last.query == [
        ("filter[minSize]", "2"),
        ("filter[by]", "x"),
        ("filter[by]", "y"),
        ("comma", "a,b"),
        ("pipe", "c|d"),
        ("where", '{"a": [1]}'),
        ("api_key", "k y"),
    ]
    headers = server.last.headers
    assert (headers["cookie"], headers["x-many"], headers["x-key"]) == ("session=a%20b; sid=c", "p,q", "h")
    assert headers["authorization"] == "Basic YW5uOnNlY3JldA=="
    assert "secret" not in repr(api.credentials)
    api.get_free()
    assert server.last.query == []
    assert not {"authorization", "cookie", "x-key"} & server.last.headers.keys()
    client(folder, "places", f"{server.url}/v2/", token_="t").get_things([1], False)
    assert (server.last.path, server.last.headers["authorization"]) == ("/v2/things/1/false", "Bearer t")


def test_answers(folder, server):
    api = client(folder, "answers", server.url)
    server.says({"value": [1]})
    assert api.start_job().value == [1]
    server.says({"eta": 5}, 202)
    assert api.start_job().eta == 5
    server.says(b"", 204)
    assert api.start_job() is None
    assert api.delete_job() is None
    assert api.head_job().status == 204
    server.says("é".encode(), kind="text/csv")
    assert api.get_text() == "é"
    server.says(b"\x00", kind="image/png")
    assert api.get_image().body == api.get_mixed().body == api.get_moved().body == b"\x00"
    server.says({"a": 1})
    assert api.get_counts() == {"a": 1}
    server.says({"reason": "full"}, 409)
    with pytest.raises(
        ResponseError, match=r"default.start_job: POST http://[\d.:]+/job was answered with status 409.*full"
    ) as caught:
        api.start_job()
    assert (caught.value.status, caught.value.response.json()) == (409, {"reason": "full"})


def test_odd_names_and_schemas(folder, server):
    api = client(folder, "odd", server.url)
    given = {'a "b" \\': 1, "self": 2, "true": "t", "1": "one", "2024-01-01": "day", "日本": 3, "": "e", "ID": "D"}
    server.says({**given, "id": "d", "colour": "red", "Colour": None, 'x"""y': "q", "new": {}})
    found = api.close_2("x y", "g", class_=True, value="v", a_b_2="q", it_s="s", value_2=4, from_="f", from_2="F")
    assert server.last.path == "/odd%20%22path%22/x%20y/g.true"
    assert dict(server.last.query) == {"": "v", 'a "b" \\': "q", "it's": "s", "🎉": "4", "from": "f", "From": "F"}
    assert (found.a_b, found.self_, found.true, found.n1, found.n2024_01_01) == (1, 2, "t", "one", "day")
    assert (found.value, found.value_2, found.id, found.id_2, found.x_y) == (3, "e", "d", "D", "q")
    assert found.to_dict() == {**given, "id": "d", "colour": "red", 'x"""y': "q", "new": {}}
    models = importlib.import_module("odd_api.models")
    tree = {"forest": {"a": {"tree": {"void": {"x": 1}}}}, "list": [[]], "map": {"m": {}}, "choice": [1]}
    server.says({"petType": "Cat", "friend": {"petType": "Dog", "barks": True}})
    read = models.Tree.from_dict(tree)
    assert read.forest["a"].tree.void == {"x": 1}
    cat = api.import_(**{name: getattr(read, name) for name in ("forest", "list_", "map", "choice")})
    assert json.loads(server.last.body) == tree
    assert isinstance(cat, models.Cat)
    assert isinstance(cat.friend, models.Dog)
    assert api.settings_2() is None
    assert api.base_url == server.url


def test_areas_and_the_asynchronous_client(folder, server):
    package = importlib.import_module("areas_api")
    server.says({"title": "One", "author": {"name": "Ann"}})

    async def read() -> tuple[Any, Any]:
        async with package.AsyncAreasApi(server.url) as api:
            book = await api.get_book("1")
            server.says({"name": "Bob"})
            return book, await api.get_people_by_id("2")

    book, person = asyncio.run(read())
    assert (book.author, person) == (package.models.Author(name="Ann"), package.models.Author(name="Bob"))
    assert [one.path for one in server.asked] == ["/books/1", "/people/2"]
    assert package.models.Author.__module__ == "areas_api.models.common"
