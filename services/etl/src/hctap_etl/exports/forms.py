"""The forms that an export may have."""

from hctap_core.exports import ExportForm as Form

__all__ = ["Form"]
