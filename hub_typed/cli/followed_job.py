"""What commands print of a job that they have started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.messages import say
from hub_typed.cli.output import Output
from hub_typed.cli.text_lines import print_lines

if TYPE_CHECKING:
    from hub_typed import HfApi, JobInfo

__all__ = ["print_log", "tell_started"]


def tell_started(api: HfApi, job: JobInfo, output: Output, *, detach: bool) -> None:
    """Print a started job, and its log until it has finished, unless it runs in the background.

    Raises:
        CommandError: The job has not completed.
    """
    name, place = (job.labels or {}).get("name"), f"{job.owner.name}/{job.id}"
    output.done(f"Started {place}: {job.url}", id=job.id, job_id=job.id, name=name, url=job.url)
    for url in job.status.expose_urls or ():
        output.note(f"An exposed port is at {url}.")
    if job.status.ssh_url is not None:
        output.note(f"`hub-typed jobs ssh {place}` logs in.")
    if detach:
        output.note(f"`hub-typed jobs logs -f {place}` prints its log, `hub-typed jobs wait {place}` waits for it.")
        return
    try:
        print_log(api, job.id, job.owner.name, output, follow=True)
        final = api.wait_for_job(job.id, namespace=job.owner.name)
    except KeyboardInterrupt:
        say(f"The job {place} goes on: `hub-typed jobs cancel {place}` stops it.")
        raise
    if final.status.stage != "COMPLETED":
        reason = f": {final.status.message}" if final.status.message else ""
        raise CommandError(f"The job {place} ended as {final.status.stage}{reason}.", ExitCode.ERROR)


def print_log(
    api: HfApi, job_id: str, namespace: str | None, output: Output, *, follow: bool, tail: int | None = None
) -> None:
    """Print the log of a job."""
    for text in api.fetch_job_logs(job_id=job_id, namespace=namespace, follow=follow, tail=tail):
        print_lines(text if text.endswith("\n") else f"{text}\n", output)
