"""Why the store cannot answer: each error says what to do."""

from __future__ import annotations

from core.errors import UsageError


class StoreMissingError(UsageError):
    """There is no store at the path yet."""


class StoreBusyError(UsageError):
    """Somebody else holds the store, and went on holding it until the time was up."""


class FaultyStoreError(UsageError):
    """The file cannot be read, is no store of Overlook, or has another schema."""
