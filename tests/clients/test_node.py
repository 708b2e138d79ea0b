"""JavaScript's `fetch` against the fake on a loopback socket."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

NODE = shutil.which("node")
PROGRAM = """
if (typeof fetch === "undefined") process.exit(77);
const env = process.env;
const token = await fetch(`${env.CATALYST_OAUTH_ACCOUNTS_URL}/oauth/v2/token`, {
  method: "POST",
  body: new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: env.CATALYST_OAUTH_REFRESH_TOKEN,
    client_id: env.CATALYST_OAUTH_CLIENT_ID,
    client_secret: env.CATALYST_OAUTH_CLIENT_SECRET,
  }),
}).then((reply) => reply.json());
const project = `/baas/v1/project/${env.CATALYST_OAUTH_PROJECT_ID}`;
const read = async (accept) => {
  const path = `${project}/table/Guests/row`;
  const reply = await fetch(`${env.CATALYST_OAUTH_API_URL}${path}`, {
    headers: { Authorization: `Zoho-oauthtoken ${token.access_token}`, Accept: accept },
  });
  return (await reply.json()).data[0].ROWID;
};
const numbers = await read("application/json");
const texts = await read("application/vnd.catalyst.v2+json");
console.log(JSON.stringify([typeof numbers, Number.isSafeInteger(numbers), texts]));
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_fetch_reads_a_row(serve, environment):
    """By the variables alone; ids are safe in JavaScript as text only."""
    server = serve()

    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", PROGRAM],
        env=environment(server),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    if done.returncode == 77:
        pytest.skip("node is older than 18 and has no fetch")
    assert done.returncode == 0, done.stderr
    kind, is_safe, row_id = json.loads(done.stdout)
    assert (kind, is_safe) == ("number", False)
    assert row_id.isdecimal()
