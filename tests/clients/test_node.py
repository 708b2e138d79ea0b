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


# Node 20 reads no proxy from its environment, so the program digs its own tunnel.
BY_PROXY = """
import http from "node:http";
import https from "node:https";
import tls from "node:tls";
const env = process.env;
const proxy = new URL(env.HTTPS_PROXY);
const tunnel = (host) => new Promise((open, fail) => {
  const asked = http.request({
    host: proxy.hostname, port: proxy.port, method: "CONNECT", path: `${host}:443`,
  });
  asked.on("connect", (reply, socket) => {
    if (reply.statusCode === 200) open(tls.connect({ socket, servername: host }));
    else fail(new Error(`${reply.statusCode} ${reply.statusMessage}`));
  });
  asked.on("error", fail).end();
});
const send = async (method, host, path, headers, body) => {
  const socket = await tunnel(host);
  const agent = new https.Agent();
  agent.createConnection = () => socket;
  return new Promise((done, fail) => {
    const asked = https.request(
      { host, path, method, headers, agent },
      (reply) => {
        let text = "";
        reply.on("data", (part) => { text += part; });
        reply.on("end", () => { socket.end(); done(JSON.parse(text)); });
      },
    );
    asked.on("error", fail).end(body);
  });
};
const form = new URLSearchParams({
  grant_type: "refresh_token",
  refresh_token: env.CATALYST_OAUTH_REFRESH_TOKEN,
  client_id: env.CATALYST_OAUTH_CLIENT_ID,
  client_secret: env.CATALYST_OAUTH_CLIENT_SECRET,
});
const token = await send("POST", "accounts.zoho.com", "/oauth/v2/token", {
  "Content-Type": "application/x-www-form-urlencoded",
}, form.toString());
const rows = await send(
  "GET",
  "api.catalyst.zoho.com",
  `/baas/v1/project/${env.CATALYST_OAUTH_PROJECT_ID}/table/Guests/row`,
  { Authorization: `Zoho-oauthtoken ${token.access_token}` },
);
const stranger = await tunnel("example.com").catch((error) => error.message);
console.log(JSON.stringify([rows.data.map((row) => row.Name), stranger]));
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_node_meets_the_fake_at_zohos_own_addresses(fake_by_proxy):
    """It trusts by its environment; a stranger is refused by name."""
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", BY_PROXY],
        env=fake_by_proxy.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    names, stranger = json.loads(done.stdout)
    assert names == ["Ada", "Grace"]
    assert stranger.startswith("403 example.com is not faked")
    assert {one.origin for one in fake_by_proxy.fake.journal} == {
        "https://accounts.zoho.com",
        "https://api.catalyst.zoho.com",
    }


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
