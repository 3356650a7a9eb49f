"""Libraries that read and write by the file system: ``libraries.py NAME REPO``, in the environment that has them."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from hub_typed.fs import HubFileSystem, register


def with_pandas(fs: HubFileSystem, repo: str) -> None:
    import pandas as pd

    register()
    table = pd.DataFrame({"a": range(1000), "b": [str(number) for number in range(1000)]})
    table.to_parquet(f"hf://{repo}/pandas/t.parquet")
    table.to_csv(f"hf://{repo}/pandas/t.csv", index=False)
    fs.invalidate_cache()
    pd.testing.assert_frame_equal(pd.read_parquet(f"hf://{repo}/pandas/t.parquet"), table)
    pd.testing.assert_frame_equal(pd.read_csv(f"hf://{repo}/pandas/t.csv", dtype={"b": str}), table, check_dtype=False)


def with_pyarrow(fs: HubFileSystem, repo: str) -> None:
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    table = pa.table({"year": [2000, 2001, 2002] * 100, "value": range(300)})
    with fs.transaction:
        ds.write_dataset(table, f"{repo}/pyarrow", format="parquet", partitioning=["year"], filesystem=fs)
    assert len(fs.glob(f"{repo}/pyarrow/*/*.parquet")) == 3
    found = ds.dataset(f"{repo}/pyarrow", filesystem=fs, partitioning=["year"])
    assert found.count_rows(filter=ds.field("year") == 2001) == 100
    assert sorted(found.to_table().column("value").to_pylist()) == list(range(300))
    assert pq.read_table(f"{repo}/pyarrow/2002", filesystem=fs).num_rows == 100


def with_polars(fs: HubFileSystem, repo: str) -> None:
    import polars as pl
    import pyarrow.dataset as ds

    table = pl.DataFrame({"a": range(1000), "b": ["x"] * 1000})
    with fs.open(f"{repo}/polars/t.parquet", "wb") as file:
        table.write_parquet(file)
    with fs.open(f"{repo}/polars/t.parquet", "rb") as file:
        assert pl.read_parquet(file, columns=["a"]).equals(table.select("a"))
    lazy = pl.scan_pyarrow_dataset(ds.dataset(f"{repo}/polars", filesystem=fs))
    assert lazy.filter(pl.col("a") > 997).collect().height == 2


def with_duckdb(fs: HubFileSystem, repo: str) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.register_filesystem(fs)
        connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(1000)")
        connection.execute(f"COPY t TO 'hf://{repo}/duckdb/t.parquet' (FORMAT parquet)")
        fs.invalidate_cache()
        query = f"SELECT sum(a), count(*) FROM read_parquet('hf://{repo}/duckdb/*.parquet') WHERE a >= 10"
        assert connection.execute(query).fetchall() == [(499_500 - 45, 990)]


def with_zarr(fs: HubFileSystem, repo: str) -> None:
    import numpy as np
    import zarr
    from zarr.storage import FsspecStore

    options = {**fs.storage_options, "asynchronous": True}
    store = FsspecStore(HubFileSystem(**options), path=f"{repo}/zarr")
    values = np.arange(10_000).reshape(100, 100)
    array = zarr.create_array(store, name="x", data=values, chunks=(50, 50))
    assert (array[10:60, 20] == values[10:60, 20]).all()
    fs.invalidate_cache()
    assert (zarr.open_array(store, path="x", mode="r")[:] == values).all()


def with_safetensors(fs: HubFileSystem, repo: str) -> None:
    import numpy as np
    from safetensors.numpy import load, save

    tensors = {name: np.full((100, 100), number, dtype=np.float32) for number, name in enumerate("abc")}
    fs.pipe_file(f"{repo}/model.safetensors", save(tensors))
    with fs.open(f"{repo}/model.safetensors", "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        start, end = json.loads(file.read(length))["b"]["data_offsets"]
        file.seek(8 + length + start)
        part = np.frombuffer(file.read(end - start), dtype=np.float32).reshape(100, 100)
    assert (part == tensors["b"]).all()
    assert (load(fs.cat_file(f"{repo}/model.safetensors"))["c"] == tensors["c"]).all()


def with_upath(fs: HubFileSystem, repo: str) -> None:
    """Paths of ``hf://`` are read-only there."""
    from upath import UPath

    register()
    fs.pipe({f"{repo}/upath/a.txt": b"text", f"{repo}/upath/b/c.bin": b"bytes"})
    folder = UPath(f"hf://{repo}", **fs.storage_options) / "upath"
    assert isinstance(folder.fs, HubFileSystem)
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b"]
    assert (folder / "b" / "c.bin").read_bytes() == b"bytes"
    assert (folder / "a.txt").read_text() == "text"
    assert [path.name for path in folder.glob("**/*.txt")] == ["a.txt"]
    assert not (folder / "none").exists()


if __name__ == "__main__":
    name, repo = sys.argv[1:]
    tests: dict[str, Any] = {key.removeprefix("with_"): value for key, value in globals().items() if "with_" in key}
    tests[name](HubFileSystem(), repo)
    os._exit(0)  # threads of PyArrow may abort the process when the interpreter ends
