"""A Hub of static files, served by nginx, so that the clients are measured and not a server written in Python."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.hub import Counts, processor_seconds

__all__ = ["StaticHub", "is_available"]

COMMIT: Final = "a" * 40
CONFIGURATION: Final = """\
{user}worker_processes 1; daemon off; pid {root}/nginx.pid; error_log {root}/errors.log;
events {{ worker_connections 1024; }}
http {{
 log_format counted "$request_method $bytes_sent"; access_log {root}/requests.log counted;
 client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
 uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
 sendfile on; tcp_nopush on; keepalive_requests 1000000; etag off;
 map_hash_max_size 262144; map_hash_bucket_size 256;
 map $f $hash {{ default ""; include {root}/etags; }}
 map $f $size {{ default ""; include {root}/sizes; }}
 map $http_host $reached {{ ~:(?<p>[0-9]+)$ $p; }}
 server {{ listen 127.0.0.1:{port}; root {root};
  location = /api/whoami-v2 {{ default_type application/json; try_files /api/whoami.json =404; }}
  location ~ ^/api/models/(bench/[a-z]+)(/revision/[^/]+)?$ {{
   default_type application/json; try_files /api/$1/info.json =404; }}
  location ~ ^/api/models/(bench/[a-z]+)/tree/[^/]+$ {{
   default_type application/json; try_files /api/$1/tree.json =404; }}
  location ~ ^/bench/linked/resolve/[^/]+/(?<f>.+)$ {{
   add_header X-Linked-ETag $hash always; add_header X-Linked-Size $size always;
   add_header X-Repo-Commit {commit} always; return 302 http://localhost:$reached/storage/$f?signature=any; }}
  location ~ ^/storage/(?<f>.+)$ {{
   add_header ETag $hash always; default_type application/octet-stream; try_files /files/$f =404; }}
  location ~ ^/bench/[a-z]+/resolve/[^/]+/(?<f>.+)$ {{
   add_header ETag $hash always; add_header X-Repo-Commit {commit} always;
   default_type application/octet-stream; try_files /files/$f =404; }}
 }}
}}
"""


def is_available() -> bool:
    """Whether nginx is installed."""
    return _nginx() is not None


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


class StaticHub:
    """A Hub with the models ``bench/<name>``, until the end of the ``with``; they cannot be changed.

    The files of ``bench/linked`` are in a storage, to which the Hub redirects.

    Attributes:
        endpoint: Its URL.
        port: Its port.
        token: Any token.
        xet: Whether it serves Xet, which it does not.
    """

    token: str = "hf_any"
    xet: bool = False

    def __init__(self, root: Path, repos: dict[str, Path]) -> None:
        """Write the files.

        Args:
            root: An empty folder.
            repos: Folder with the files of each model, by the name of the model.
        """
        self._root = root
        port = _free_port()
        self.port: int = port
        self.endpoint: str = f"http://127.0.0.1:{port}"
        etags: list[str] = []
        sizes: list[str] = []
        _write_json(root / "api" / "whoami.json", _account())
        for name, folder in repos.items():
            entries = [_entry(folder, path) for path in sorted(folder.rglob("*")) if path.is_file()]
            for entry in entries:
                target = root / "files" / entry["path"]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(folder / entry["path"])
                oid = entry["lfs"]["oid"] if "lfs" in entry else entry["oid"]
                etags.append(f'"{entry["path"]}" "\\"{oid}\\"";')
                sizes.append(f'"{entry["path"]}" "{entry["size"]}";')
            _write_json(root / "api" / "bench" / name / "info.json", _info(f"bench/{name}", entries))
            _write_json(root / "api" / "bench" / name / "tree.json", entries)
        (root / "etags").write_text("\n".join(etags), encoding="utf-8")
        (root / "sizes").write_text("\n".join(sizes), encoding="utf-8")
        user = "user root; " if os.getuid() == 0 else ""  # or else the workers of root may not read the folder
        configuration = CONFIGURATION.format(root=root, port=port, commit=COMMIT, user=user)
        (root / "nginx.conf").write_text(configuration, encoding="utf-8")

    def __enter__(self) -> Self:
        command = [_nginx() or "nginx", "-c", str(self._root / "nginx.conf"), "-e", str(self._root / "errors.log")]
        self._process = subprocess.Popen(command)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise RuntimeError("nginx did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def cpu(self) -> float:
        """Seconds of the processor that its worker took so far."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        return sum(processor_seconds(int(child)) for child in children)

    def count(self) -> Counts:
        """Return what it has counted so far."""
        log = (self._root / "requests.log").read_text(encoding="utf-8").split()
        return Counts(len(log) // 2, sum(map(int, log[1::2])))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def _entry(folder: Path, path: Path) -> dict[str, Any]:
    name, size = path.relative_to(folder).as_posix(), path.stat().st_size
    lfs = path.suffix in (".parquet", ".safetensors")
    digest = hashlib.sha256() if lfs else hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    oid = digest.hexdigest()
    entry = {"type": "file", "oid": "b" * 40 if lfs else oid, "size": size, "path": name}
    return {**entry, "lfs": {"oid": oid, "size": size, "pointerSize": 135}} if lfs else entry


def _info(repo_id: str, entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {
        "_id": "1",
        "id": repo_id,
        "modelId": repo_id,
        "private": False,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "sha": COMMIT,
        "lastModified": "2024-01-01T00:00:00.000Z",
        "createdAt": "2024-01-01T00:00:00.000Z",
        "siblings": [{"rfilename": entry["path"]} for entry in entries],
        "spaces": [],
    }


def _account() -> dict[str, Any]:
    return {
        "type": "user",
        "id": "1",
        "name": "bench",
        "fullname": "Bench",
        "isPro": False,
        "avatarUrl": "/avatar.svg",
        "orgs": [],
        "auth": {"type": "access_token", "accessToken": {"displayName": "any", "role": "read"}},
    }
