"""The packages that systems need: whether they are installed, and in which version."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from core import __version__
from core.errors import UsageError


def package_versions(system: str, packages: Sequence[str]) -> dict[str, str]:
    """Return the version of each package of a system, and of Overlook itself.

    Raises:
        UsageError: one is not installed.
    """
    found = {"overlook": __version__}
    for package in packages:
        there = installed_version(package)
        if there is None:
            raise UsageError(
                f"The system {system} needs the package {package}, which is not installed here. "
                "Install what Overlook needs: python -m pip install -r requirements.txt"
            )
        found[package] = there
    return found


def installed_version(package: str) -> str | None:
    """Return the version of a package, or None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
