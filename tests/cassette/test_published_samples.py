"""What documentation, programs and drawings hold, and what only looks like it."""

import json

import pytest

from pytest_catalyst_oauth.cassette import scan

RANDOM = "q7Zp2mXw9KfT4vBn8sLd1Rc6"
DRAWN = "62H0V214h199568c178.3-11.7"
TABLE = "8^}%|&O&U)u,}-W-i/h/n0r0u0x1m4Y6V7V7W7y8O8P8R9^9_9`9a9c"

HARMLESS = {
    "a documented secret key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a documented key id": "AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE",
    "a documented signature": "8P+SQvWIuLnKhh8d++jpw0nNmQRBZvNEXAMPLEKEY",
    "what follows in its value": json.dumps(
        {"Mark": f"57r3EXAMPLEujbzWfHF7Ciw==:{RANDOM}"}
    ),
    "a documented id": '{"Id": "exampleIDs3t-46da-4fdb-b8d5-abc321j569j5"}',
    "an object's version": f'{{"VersionId": "{RANDOM}"}}',
    "an object's version in XML": f"<VersionId>{RANDOM}</VersionId>",
    "a part's upload": f"https://x.test/b?uploadId={RANDOM}",
    "a sample in prose": f'The file, for example, "{RANDOM}".',
    "a sample of a name": f"For example: `operations/{RANDOM}`",
    "a digest": f"ni:///sha-256;{RANDOM}",
    "a drawing": f'<path d="M9 14 {DRAWN} 311.7-78.3"/>',
    "a parser's table": f'x({{stateData:"{TABLE}"}})',
    "a table with quotes": f'x={{a:"*q-p-w.f.m.o0]0y1S2j6g;`;xf-W\'`{TABLE}"}}',
    "a table with a comma": f'x("Y&c&m_(g)j)p+[+a+t,{TABLE[14:-14]}:P9U,_&q`]u{{$W")',
    "a file's digest": f'{{"invented-1.2.min.js": "{RANDOM}"}}',
    "a page of results": f'{{"output_token": "ExclusiveStart1", "next": "{DRAWN}"}}',
    "a call's token": '{"clientRequestToken": "1d2129a1-3d38-460a-9756-e5b91fddb951"}',
    "a list of names": "t.ProgressToken=t.create1=t.NullLogger=t.ConnectionOptions",
    "a shortened token": '{"token": "c8de56fa...", "password": "Abc123…"}',
    "a header's name": "const PROJECT_SECRET_KEY = 'x-zc-project-secret-key'",
    "a kind of token": '{regex:/x/,token:"variable-2"}',
    "an empty password": 'this.password="",this.auth&&(p=this.auth1.indexOf(":"))',
    "a program that reads keys": (
        'if (pem.indexOf("-----BEGIN PRIVATE KEY-----") !== 0)\n'
        "    throw new TypeErrorOfInventedKeyReading"
    ),
}
SECRET = {
    "a word beside a sample": f"EXAMPLE of a key: {RANDOM}",
    "a path below a sample's host": f"https://example.com/{RANDOM}+x",
    "a token in a sentence": f"The example failed with {RANDOM}",
    "a member after a version": f'{{"VersionId": "1", "a": "{RANDOM}"}}',
    "a value among signs": f'{{"a":[{{"b":"{RANDOM}"}}]}}',
    "a value in a program": f"x[{{a:!0}}]=y({{b:'{RANDOM}',c:{{}}}}),z=[]",
    "an element": f"<a>{{}}[]<b>{RANDOM}</b>[]{{}}</a>",
    "a file's member": f'{{"file": "a.js", "b": "{RANDOM}"}}',
    "a request's token": '{"requestToken": "1d2129a1-3d38-460a-9756-e5b91fddb951"}',
    "a value in a template": f"https://x.test/?a={{b}}&w={RANDOM}",
    "a key in a program": (
        f'const pem = "-----BEGIN PRIVATE KEY-----" +\n"MIIB{RANDOM}"'
    ),
    "a key's file": f"-----BEGIN PRIVATE KEY-----\nMIIB{RANDOM}",
    "a token with a dot at its end": f'{{"token": "{RANDOM}."}}',
    "a letter more": f"{DRAWN}q7Zp2mXw9KfT4vBn8sLd1Rc6",
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_published_is_no_secret(what):
    """Everybody has it, or it is no value at all."""
    assert not scan(json.dumps({"body": HARMLESS[what]}).encode())


@pytest.mark.parametrize("what", SECRET)
def test_a_secret_beside_it_is_found(what):
    """Each exception reaches no further than its reason."""
    assert scan(json.dumps({"body": SECRET[what]}).encode())
