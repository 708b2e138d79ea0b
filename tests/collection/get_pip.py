"""Puts pip into a fresh virtual environment, out of what Python itself brings.

ansible-test downloads a script for that, which a closed network does not have. It runs
either as `get_pip.py pip==VERSION --no-setuptools --no-wheel`.
"""

import subprocess
import sys


def main(arguments):
    """Install the pip that was asked for, from the index that pip is set up for."""
    python = (sys.executable, "-m")
    subprocess.check_call([*python, "ensurepip"], stdout=subprocess.DEVNULL)
    wanted = [name for name in arguments if not name.startswith("-")]
    subprocess.check_call([*python, "pip", "install", "--quiet", *wanted])


if __name__ == "__main__":
    main(sys.argv[1:])
