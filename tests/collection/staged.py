"""Run a command in a copy of the collection, at the path where Ansible's tools want it.

    COLLECTION_HOME=FOLDER python tests/collection/staged.py ansible-test sanity

The folder is the command's home, where ansible-test keeps what it downloads. It refuses
a collection that is not in `ansible_collections/NAMESPACE/NAME`, and a symbolic link
that looks so. The copy has only what a checkout has, and goes away with the command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "ansible_collection"
LEFT_OUT = ("__pycache__", ".ruff_cache", "output", "ruff.toml", "*.tar.gz")
# The name of the bootstrap has the version of the pip that it is for.
BOOTSTRAPS = ("get_pip_24_2.py", "get_pip_25_2.py")


def stage(root: Path) -> Path:
    """Copy the collection below a folder; return the copy's path."""
    place = root / "ansible_collections" / "catalyst" / "oauth"
    shutil.copytree(SOURCE, place, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return place


def lend_pip(home: Path) -> None:
    """Put our bootstrap where ansible-test looks before it downloads its own.

    pip finds its index there too: of all variables ansible-test hands on HOME alone.
    """
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in BOOTSTRAPS:
        shutil.copyfile(HERE / "get_pip.py", cache / name)
    for name in (".config/pip", ".pip"):
        ours, theirs = home / name, Path.home() / name
        if theirs.exists() and not ours.exists():
            ours.parent.mkdir(exist_ok=True)
            ours.symlink_to(theirs)


def without_shims(path: str, python: Path) -> str:
    """Return a PATH of real Pythons.

    The shims of pyenv look like every Python there is, and fail when run.
    """
    places = [p for p in path.split(os.pathsep) if "shims" not in Path(p).parts]
    versions = python.resolve().parents[2]
    if versions.name == "versions":
        places += map(str, sorted(versions.glob("3.*/bin")))
    return os.pathsep.join([str(python.parent), *dict.fromkeys(places)])


def main(command: list[str]) -> int:
    """Run it; return its exit code."""
    home = Path(os.environ["COLLECTION_HOME"])
    lend_pip(home)
    with TemporaryDirectory(prefix="catalyst-oauth-") as folder:
        root = Path(folder).resolve()
        environment = {
            **os.environ,
            "HOME": str(home),
            "PATH": without_shims(os.environ["PATH"], Path(sys.executable)),
            "ANSIBLE_HOME": str(root / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(root),
        }
        return subprocess.run(
            command, cwd=stage(root), env=environment, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
