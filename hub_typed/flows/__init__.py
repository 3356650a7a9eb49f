"""Flows: operations that send several requests, or do not map directly to one.

A flow is an ``async def`` whose first parameter is ``io``. Names in the ``__all__`` of a module of this package are
public: a flow becomes a generated method of both clients and a function of `hub_typed`, grouped by the module or folder
below this package; any other object is exported by `hub_typed`. Flows do all I/O through `Io`: no sockets, clocks,
threads or asyncio here.
"""
