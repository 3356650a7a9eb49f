"""Downloads and uploads by the workers of a cluster: a process pool, Dask, Ray, or another `Executor`."""

from hub_typed.cluster.allowance import Allowance
from hub_typed.cluster.downloads import snapshot_download
from hub_typed.cluster.executor import Executor
from hub_typed.cluster.uploads import upload_folder

__all__ = ["Allowance", "Executor", "snapshot_download", "upload_folder"]
