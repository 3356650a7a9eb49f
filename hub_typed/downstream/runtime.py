"""What the interpreter runs in, and which packages are installed."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version as installed_version

from hub_typed import constants
from hub_typed.version import version

__all__ = [
    "dump_environment_info",
    "get_gradio_version",
    "get_hf_hub_version",
    "get_jinja_version",
    "get_numpy_version",
    "get_pillow_version",
    "get_pydantic_version",
    "get_python_version",
    "get_tf_version",
    "get_torch_version",
    "is_google_colab",
    "is_gradio_available",
    "is_jinja_available",
    "is_notebook",
    "is_numpy_available",
    "is_package_available",
    "is_pillow_available",
    "is_pydantic_available",
    "is_safetensors_available",
    "is_tf_available",
    "is_torch_available",
]

TENSORFLOW = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly", "tensorflow-macos")


def _version(*packages: str) -> str:
    """Return the version of the first package that is installed; ``N/A`` if none is."""
    for package in packages:
        try:
            return installed_version(package)
        except PackageNotFoundError:
            continue
    return "N/A"


def is_package_available(package_name: str) -> bool:
    """Whether a package is installed."""
    return _version(package_name) != "N/A"


def get_python_version() -> str:
    """Return the version of Python."""
    return platform.python_version()


def get_hf_hub_version() -> str:
    """Return the version of this library."""
    return version()


def is_gradio_available() -> bool:
    """Whether Gradio is installed."""
    return is_package_available("gradio")


def get_gradio_version() -> str:
    """Return the version of Gradio; ``N/A`` if it is not installed."""
    return _version("gradio")


def is_jinja_available() -> bool:
    """Whether Jinja is installed."""
    return is_package_available("Jinja2")


def get_jinja_version() -> str:
    """Return the version of Jinja; ``N/A`` if it is not installed."""
    return _version("Jinja2")


def is_numpy_available() -> bool:
    """Whether NumPy is installed."""
    return is_package_available("numpy")


def get_numpy_version() -> str:
    """Return the version of NumPy; ``N/A`` if it is not installed."""
    return _version("numpy")


def is_pillow_available() -> bool:
    """Whether Pillow is installed."""
    return is_package_available("Pillow")


def get_pillow_version() -> str:
    """Return the version of Pillow; ``N/A`` if it is not installed."""
    return _version("Pillow")


def is_pydantic_available() -> bool:
    """Whether Pydantic is installed."""
    return is_package_available("pydantic")


def get_pydantic_version() -> str:
    """Return the version of Pydantic; ``N/A`` if it is not installed."""
    return _version("pydantic")


def is_safetensors_available() -> bool:
    """Whether safetensors is installed."""
    return is_package_available("safetensors")


def is_tf_available() -> bool:
    """Whether TensorFlow is installed."""
    return get_tf_version() != "N/A"


def get_tf_version() -> str:
    """Return the version of TensorFlow; ``N/A`` if it is not installed."""
    return _version(*TENSORFLOW)


def is_torch_available() -> bool:
    """Whether PyTorch is installed."""
    return is_package_available("torch")


def get_torch_version() -> str:
    """Return the version of PyTorch; ``N/A`` if it is not installed."""
    return _version("torch")


def is_notebook() -> bool:
    """Whether the program runs in a notebook: Jupyter, Google Colab or Databricks."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if callable(get_ipython) else None
    return shell is not None and type(shell).__name__ != "TerminalInteractiveShell"


def is_google_colab() -> bool:
    """Whether the program runs in Google Colab."""
    return "google.colab" in sys.modules


def dump_environment_info() -> dict[str, str]:
    """Print versions and settings, for bug reports, and return them; there is no token among them."""
    found = {
        "hub_typed version": version(),
        "Platform": platform.platform(),
        "Python version": get_python_version(),
        "Running in notebook ?": "Yes" if is_notebook() else "No",
        "Running in Google Colab ?": "Yes" if is_google_colab() else "No",
        **{name: str(getattr(constants, name)) for name in ("ENDPOINT", "HF_HUB_CACHE", "HF_TOKEN_PATH")},
        **{name: str(getattr(constants, name)) for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_XET")},
        "Torch": get_torch_version(),
        "numpy": get_numpy_version(),
    }
    print("\n".join(f"- {name}: {value}" for name, value in found.items()))  # noqa: T201  # this is what it is for
    return found
