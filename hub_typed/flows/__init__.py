"""Operations that take more than one request, or do not map directly to one.

A flow is an ``async def`` whose first parameter is ``io``. What a module of this package names in ``__all__`` is
public: a flow becomes a method of both clients and a function of `hub_typed` (generated, under the name of its area,
which is the module or folder below this one); anything else becomes a name of `hub_typed`. Flows touch the world
through `Io` alone: no sockets, clocks, threads or asyncio here.
"""
