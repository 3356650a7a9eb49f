"""Table of the limits that decide about retries, waits and transfers, with their values in the code."""

from __future__ import annotations

from documentation.tables import table
from hub_typed.disk.owners import LEASE
from hub_typed.flows.commits.branch_commit import MAX_CONFLICT_SECONDS
from hub_typed.flows.commits.limits import ADVISED_FILE_SIZE, ADVISED_REPO_FILES, MAX_FILE_SIZE, MAX_FOLDER_ENTRIES
from hub_typed.flows.files.fetch import MIN_RANGED_SIZE
from hub_typed.flows.files.file_download import MIN_BYTES, PACE_INTERVAL
from hub_typed.flows.files.locking import STALLED
from hub_typed.flows.files.offline import CACHED_DEADLINE
from hub_typed.flows.files.partial_files import MAX_REREAD_SIZE
from hub_typed.flows.lfs.part_records import KEPT_SECONDS
from hub_typed.http.growth import FIRST_CONNECTIONS
from hub_typed.http.retry import RETRIED_STATUSES
from hub_typed.http.send import MAX_REDIRECTS
from hub_typed.settings import Settings
from hub_typed.xet import suspension

__all__ = ["defaults_table"]

_DAY = 24 * 60 * 60


def defaults_table() -> str:
    """Write a row for each limit: value, and the setting that changes it."""
    usual = Settings()
    statuses = ", ".join(str(status) for status in RETRIED_STATUSES)
    backoff = f"0 to {usual.backoff:g} s, doubled each time, at most {usual.longest_backoff:g} s"
    rows = [
        ("connect", _seconds(usual.connect_timeout), "connect_timeout"),
        ("silence of the Hub while it responds", _seconds(usual.read_timeout), "read_timeout"),
        ("silence of a download", _seconds(usual.download_timeout), "download_timeout"),
        ("upload of which the server takes no byte", _seconds(usual.write_timeout), "write_timeout"),
        ("response to an upload, after its last byte", _seconds(usual.answer_timeout), "answer_timeout"),
        ("a complete response, with retries and redirects", _seconds(usual.deadline), "deadline"),
        ("metadata of a file before a download", _seconds(usual.etag_timeout), "etag_timeout"),
        ("metadata of a file that is cached already", _seconds(CACHED_DEADLINE), ""),
        ("slowest download", f"{MIN_BYTES // PACE_INTERVAL} bytes/s over {PACE_INTERVAL} s", ""),
        ("attempts of a request that may be repeated", str(usual.attempts), "attempts"),
        ("statuses after which it is repeated", statuses, ""),
        ("pause before a repetition", backoff, "backoff, longest_backoff"),
        ("longest wait that the Hub may request", _seconds(usual.longest_wait), "longest_wait"),
        ("resumptions of a download without a new byte", str(usual.attempts), "attempts"),
        ("resumptions of a download with new bytes", "no limit", ""),
        ("connections and threads of a client", str(usual.concurrency), "concurrency"),
        ("files that are downloaded in ranges", f"from {_size(MIN_RANGED_SIZE)}", ""),
        ("connections of such a file at first", str(FIRST_CONNECTIONS), ""),
        ("files that are read back from the disk after a download", f"up to {_size(MAX_REREAD_SIZE)}", ""),
        ("size of a response other than a file", _size(usual.max_response_size), "max_response_size"),
        ("redirects of a request", str(MAX_REDIRECTS), ""),
        ("commits of others on which a commit is retried", _seconds(MAX_CONFLICT_SECONDS), ""),
        ("records of uploaded parts", f"{KEPT_SECONDS // _DAY} days", ""),
        ("wait for a process that holds a lock and makes no progress", _seconds(STALLED), ""),
        ("partial file of another machine counts as abandoned after", _seconds(LEASE), ""),
        (
            "failed transfers after which Xet is not used",
            f"{suspension.MAX_FAILURES}, for {_seconds(suspension.SECONDS)}",
            "",
        ),
        ("entries of a folder in an upload", f"at most {MAX_FOLDER_ENTRIES:,}", ""),
        ("size of a file in an upload", f"at most {MAX_FILE_SIZE // 10**9} GB", ""),
        ("size of a file in an upload, advised", f"{ADVISED_FILE_SIZE // 10**9} GB", ""),
        ("files in an upload, advised", f"{ADVISED_REPO_FILES:,}", ""),
    ]
    return table(("limit", "value", "setting"), [(what, value, _settings(names)) for what, value, names in rows])


def _settings(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", ") if name)


def _seconds(value: float) -> str:
    return f"{value:g} s"


def _size(value: int) -> str:
    return f"{value >> 20} MiB"
