"""A new process and a valid token from the last one: what does it cost to start?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ._peers import google, msal_answer
from ._table import Part, middle

if TYPE_CHECKING:
    from ._stage import Stage

_HEAVY = ("requests", "vcr", "pytest", "redis", "tenacity", "platformdirs", "httpx")
_OURS = """
from pytest_catalyst_oauth.adapters import connect
from pytest_catalyst_oauth.engine import Client, DataCenter, Secret
center = DataCenter(location="us", accounts_url=URL)
client = Client(
    client_id=ID, client_secret=Secret("invented"), data_center=center
)
assert connect(client, store=FOLDER + "/tokens.db").authorization()
"""
_GOOGLE = """
from google.oauth2.credentials import Credentials
headers = {}
held = Credentials.from_authorized_user_file(FOLDER + "/google.json")
held.before_request(None, "GET", "https://www.example", headers)
assert headers
"""
_MSAL = """
import json
import msal
import requests  # as msal does, unless it is given a transport
BASE = "https://login.microsoftonline.com/common"
class Discovery:
    status_code, headers = 200, {}
    text = json.dumps({
        "issuer": BASE, "token_endpoint": BASE, "authorization_endpoint": BASE,
    })
    def get(self, *_, **__): return self
    def close(self): pass
cache = msal.SerializableTokenCache()
with open(FOLDER + "/msal.json") as file:
    cache.deserialize(file.read())
app = msal.ConfidentialClientApplication(
    "invented",
    client_credential="invented",
    authority=BASE,
    instance_discovery=False,
    token_cache=cache,
    http_client=Discovery(),
)
answer = app.acquire_token_silent(["invented"], account=app.get_accounts()[0])
assert answer["access_token"]
"""
_BOTOCORE = """
import os
os.environ["AWS_CONFIG_FILE"] = FOLDER + "/aws"
from botocore.session import Session
from botocore.tokens import SSOTokenProvider
from botocore.utils import JSONFileCache
provider = SSOTokenProvider(
    Session(profile="invented"), cache=JSONFileCache(FOLDER + "/botocore")
)
assert provider.load_token().get_frozen_token().token
"""
_AWS = """
[profile invented]
sso_session = invented
[sso-session invented]
sso_region = eu-west-1
sso_start_url = https://start.example
"""
# Name, module that it needs, program.
_PROGRAMS = (
    ("bare interpreter", "sys", "pass"),
    ("import requests", "requests", "import requests"),
    (
        "standard library that ours uses",
        "sys",
        "import contextlib, datetime, enum, fcntl, sqlite3, typing",
    ),
    ("ours, SQLite store", "pytest_catalyst_oauth", _OURS),
    ("google-auth, authorized user file", "google.oauth2", _GOOGLE),
    ("msal, its cache in a file", "msal", _MSAL),
    ("botocore, SSO token cache", "botocore", _BOTOCORE),
)


def measure(stage: Stage, *, quick: bool) -> Part:
    """Run each program in turn, many times."""
    part = Part(name="cold", title="a valid token in a new process")
    with tempfile.TemporaryDirectory() as folder:
        _furnish(stage, Path(folder))
        names = f"FOLDER, URL = {folder!r}, {stage.server.accounts_url!r}\n"
        names += f"ID = {stage.server.client.client_id!r}\n"
        programs = {
            name: names + program
            for name, module, program in _PROGRAMS
            if _is_there(module)
        }
        for name, module, _ in _PROGRAMS:
            if name not in programs:
                part.remarks.append(f"{name}: {module} is not installed")
        environment = _environment(folder)
        for program in programs.values():  # writes the bytecode
            _run(program, environment)
        rounds = [
            {name: _run(text, environment) for name, text in programs.items()}
            for _ in range(3 if quick else 31)
        ]
        part.remarks += [
            _imports(programs["ours, SQLite store"], environment),
            "authlib, requests-oauthlib and zcatalyst-sdk keep no token themselves",
        ]
    _tell(part, rounds)
    return part


def _tell(part: Part, rounds: list[dict[str, tuple[float, float]]]) -> None:
    bare, requests = "bare interpreter", "import requests"
    scale = [median(one[requests][i] - one[bare][i] for one in rounds) for i in (0, 1)]
    for name in rounds[0]:
        wall, noise = middle([one[name][0] - one[bare][0] for one in rounds])
        cpu, _ = middle([one[name][1] - one[bare][1] for one in rounds])
        total, _ = middle([one[name][0] for one in rounds])
        part.rows.append(
            {
                "program": name,
                "x import requests, wall": wall / scale[0],
                "x import requests, CPU": cpu / scale[1],
                "wall ms over bare": round(wall),
                "middle half": noise,
                "CPU ms over bare": round(cpu),
                "wall ms": round(total),
            }
        )


def _run(program: str, environment: dict[str, str]) -> tuple[float, float]:
    """Return milliseconds: on the wall, and of a processor."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program], env=environment)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"this program failed:\n{program}")
    return wall * 1e3, (used.ru_utime + used.ru_stime) * 1e3


def _imports(program: str, environment: dict[str, str]) -> str:
    """Check that ours leaves out what it does not need."""
    check = f"{program}\nimport sys\nprint([m for m in {_HEAVY!r} if m in sys.modules])"
    command = [sys.executable, "-c", check]
    said = subprocess.check_output(command, env=environment, text=True).strip()
    if said != "[]":
        raise RuntimeError(f"a start from the store imports {said}")
    return f"ours imports none of {', '.join(_HEAVY)}"


def _environment(folder: str) -> dict[str, str]:
    """Let programs write their bytecode, but not into anybody's checkout."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _furnish(stage: Stage, folder: Path) -> None:
    """Leave a valid token of everybody, as an earlier process would."""
    stage.ours(str(folder / "tokens.db"), background=False).token()
    if _is_there("google.oauth2"):
        (folder / "google.json").write_text(google(stage, 3600.0).to_json())
    if _is_there("msal"):
        (folder / "msal.json").write_text(_msal_cache())
    end = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (folder / "aws").write_text(_AWS)
    (folder / "botocore").mkdir()
    name = sha1(b"invented", usedforsecurity=False).hexdigest()
    (folder / "botocore" / f"{name}.json").write_text(
        json.dumps({"accessToken": "invented", "expiresAt": end})
    )


def _msal_cache() -> str:
    import msal

    cache = msal.SerializableTokenCache()
    base = "https://login.microsoftonline.com/common"
    cache.add(
        {
            "client_id": "invented",
            "scope": ["invented"],
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "environment": "login.microsoftonline.com",
            "response": msal_answer(3600.0),
        }
    )
    text: str = cache.serialize()
    return text
