"""The tickets, people and forms of worked time serve here too."""

from tests.worklog.conftest import bench

__all__ = ["bench"]
