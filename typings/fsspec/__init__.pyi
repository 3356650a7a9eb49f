# Types of the part of fsspec that this library uses.
from fsspec.registry import register_implementation as register_implementation
from fsspec.spec import AbstractFileSystem as AbstractFileSystem
