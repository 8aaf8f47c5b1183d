"""Compiled templates, kept on the disk: they are compiled once per installation and not by each process.

Jinja keeps the checksum of each source, so that one that was changed is compiled anew.
"""

import contextlib
from pathlib import Path

from jinja2 import Environment
from jinja2.bccache import Bucket, FileSystemBytecodeCache

_FOLDER = Path(__file__).parent / "compiled"


class _Kept(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        """Who may not write there compiles for itself."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def install(environment: Environment) -> None:
    """Templates of `environment` are taken from the disk, where they are compiled already."""
    environment.bytecode_cache = _Kept(str(_FOLDER))


def load(environment: Environment) -> None:
    """Loads all templates, if they were compiled at set-up; else each is compiled when it is first needed."""
    if any(_FOLDER.glob("*")):
        compile_all(environment)


def compile_all(environment: Environment) -> int:
    """Loads all templates, and compiles those that are not yet. Returns how many there are."""
    with contextlib.suppress(OSError):
        _FOLDER.mkdir(exist_ok=True)
    names = environment.list_templates(extensions=["html"])
    for name in names:
        environment.get_template(name)
    return len(names)
