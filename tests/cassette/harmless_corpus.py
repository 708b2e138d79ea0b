# ruff: noqa: E501, ISC004  what services say is long
"""Cassettes in which nothing is secret, but much looks as if it were.

All is made from seeds or read from packages that lie beside this one, since what real
services say is what a scanner must not cry wolf about.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import random
import re
import string
import uuid
import zlib
from pathlib import Path

import yaml

from .scan_corpus import (
    ALNUM,
    HEX,
    URL64,
    Exchange,
    betamax,
    har,
    text_of,
    vcr_json,
    vcr_yaml,
)

WORDS = {
    "en": "guest table folder cache cron session settings welcome delete update row",
    "de": "Gast Tabelle Ordner Zwischenspeicher Sitzung Einstellungen Willkommen löschen "
    "Kennwort Passwort vergessen Anmeldung Zugriffsschlüssel",
    "fr": "invité tableau dossier réglages bienvenue supprimer mot de passe clé secrète",
    "ru": "гость таблица папка настройки добро пожаловать удалить пароль токен",
    "ja": "ゲスト テーブル フォルダー 設定 ようこそ 削除 パスワード トークン",
    "ta": "விருந்தினர் அட்டவணை கோப்புறை அமைப்புகள் வரவேற்பு கடவுச்சொல்",
    "ar": "ضيف جدول مجلد إعدادات أهلا حذف كلمة المرور رمز",
    "es": "invitado tabla carpeta ajustes bienvenido borrar contraseña clave secreto",
}
LABELS = (
    "password forgot_password password_hint token api_key secret user_code passphrase "
    "client_secret_help reset_password access_token_expired password2"
).split()


# What forms call the names of people.
NAMED = {
    "en": ("First name", "Last Name", "Enter your full name"),
    "de": ("Vorname", "Nachname", "Vollständiger Name"),
    "fr": ("Prénom", "Nom", "Nom complet"),
    "es": ("Nombre", "Apellidos", "Nombre completo"),
    "ru": ("Имя", "Фамилия", "Имя и фамилия"),
    "ja": ("名", "姓", "氏名"),
    "nl": ("Voornaam", "Achternaam", "Volledige naam"),
}


def words(rng, count, language="en"):
    return " ".join(rng.choices(WORDS[language].split(), k=count))


def sha(rng, bits=256):
    return hashlib.new(f"sha{bits}", rng.randbytes(8))


def when(rng):
    return (
        f"20{rng.randrange(18, 27)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        f"T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.123456Z"
    )


def guid(rng):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def version(rng):
    return f"{rng.randrange(20)}.{rng.randrange(30)}.{rng.randrange(99)}"


def rows(rng):
    return [
        {
            "ROWID": str(rng.randrange(10**16, 10**17)),
            "CREATORID": str(rng.randrange(10**16, 10**17)),
            "CREATEDTIME": "2026-11-23 12:00:00:123",
            "name": words(rng, 2),
            "note": words(rng, 12, rng.choice(list(WORDS))),
            "uuid": guid(rng),
            "etag": f'W/"{text_of(rng, URL64, 27)}"',
            "checksum": sha(rng, 1).hexdigest(),
            "path": f"/var/lib/{words(rng, 1)}/v{version(rng)}/Guest_{rng.randrange(99)}.csv",
            "price": rng.random() * 1000,
            "next_token": str(rng.randrange(10**9)),
        }
        for _ in range(rng.randrange(1, 9))
    ]


def unsigned(rng, number):
    parts = [
        {"alg": "RS256", "typ": "JWT", "kid": text_of(rng, HEX, 8)},
        {
            "sub": str(90000000 + number),
            "email": f"redacted-{number}@example.com",
            "aud": f"1000.REDACTED{number:022d}",
            "exp": 1800000000 + rng.randrange(10**6),
        },
    ]
    told = [base64.urlsafe_b64encode(json.dumps(one).encode()) for one in parts]
    return b".".join([one.rstrip(b"=") for one in told]).decode() + (
        f".REDACTED-signature-{number}"
    )


def zoho(rng):
    n = rng.randrange(1, 50)
    stand_in = f"1000.fadefadefadefadefadefade{n:08x}.fadefadefadefadefadefadefadefade"
    return rng.choice(
        [
            {"error": "invalid_client"},
            {"error": "invalid_code"},
            {"error": "invalid_client_secret"},
            {"error": "invalid_redirect_uri"},
            {
                "error_description": "You have made too many requests continuously. "
                "Please try again after some time.",
                "error": "Access Denied",
                "status": "failure",
            },
            {
                "access_token": stand_in,
                "refresh_token": f"REDACTED-refresh-token-{n}",
                "scope": "ZohoCatalyst.cache.READ ZohoCatalyst.cron.ALL",
                "api_domain": "https://www.zohoapis.com",
                "token_type": "Bearer",
                "expires_in": 3600,
            },
            {"access_token": f"REDACTED-access-token-{n}", "expires_in_sec": 3600},
            {"id_token": unsigned(rng, n), "expires_in": 3600},
            {
                "user_code": "900001",
                "password": f"90000000{n:02}",
                "token": "9000000012",
            },
            {
                "status": "failure",
                "data": {
                    "message": "Invalid oauth token",
                    "error_code": "INVALID_TOKEN",
                },
            },
            {
                "result": "success",
                "locations": {
                    "us": "https://accounts.zoho.com",
                    "eu": "https://accounts.zoho.eu",
                },
            },
            {
                "First_Name": f"REDACTED-first-name-{n}",
                "Email": f"redacted-{n}@example.com",
                "Last_Name": f"REDACTED-last-name-{n}",
                "Display_Name": f"REDACTED-display-name-{n}",
                "ZUID": 90000000 + n,
            },
            {
                "user_code": f"REDACTED-user-code-{n}",
                "device_code": stand_in,
                "verification_uri": "https://accounts.zoho.com/oauth/v3/device",
                "interval": 5000,
            },
            {"status": "success", "data": rows(rng)},
            {
                "status": "success",
                "data": {
                    "cache_name": "guests",
                    "cache_value": words(rng, 3),
                    "expires_in": "Nov 25, 2026 12:00 PM",
                    "project_details": {
                        "id": "4000000006007",
                        "project_name": "Guests",
                    },
                },
            },
        ]
    )


def zoho_page(rng):
    title = rng.choice(
        ["Invalid Client", "Invalid Redirect Uri", "Invalid OAuth Scope"]
    )
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>"
        f'<link rel="stylesheet" href="https://css.zohocdn.com/accounts/{guid(rng)}.css">'
        f'<script src="https://js.zohocdn.com/iam/v2/jquery-{version(rng)}.min.js" '
        f'integrity="sha384-{base64.b64encode(sha(rng, 384).digest()).decode()}"></script>'
        "</head><body><p>The client id does not exist. Bearer authentication, Basic "
        "realm and the password: required.</p><img src='data:image/png;base64,"
        f"{image(rng)}'></body></html>"
    )


def image(rng):
    head = rng.choice(
        [
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"GIF89a",
            b"\xff\xd8\xff\xe0\0\x10JFIF",
            b"RIFF\0\0\0\0WEBPVP8 ",
        ]
    )
    return base64.b64encode(head + rng.randbytes(rng.randrange(30, 3000))).decode()


def github(rng):
    login = words(rng, 1)
    sha1 = sha(rng, 1).hexdigest()
    api = f"https://api.github.com/repos/{login}/hello"
    return {
        "id": rng.randrange(10**9),
        "node_id": base64.b64encode(
            b"010:Repository%d" % rng.randrange(10**9)
        ).decode(),
        "owner": {
            "login": login,
            "node_id": f"U_kgDO{text_of(rng, ALNUM, 6)}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{rng.randrange(10**7)}?v=4",
            "gravatar_id": sha(rng, 1).hexdigest()[:32],
        },
        "git_commits_url": f"{api}/git/commits{{/sha}}",
        "ssh_url": f"git@github.com:{login}/hello.git",
        "sha": sha1,
        "tree": {"sha": sha1, "url": f"{api}/git/trees/{sha1}"},
        "pushed_at": when(rng),
        "body": f"Merge pull request #{rng.randrange(9999)} from {login}/fix-token-refresh\n\n"
        f"Fixes {sha1[:7]}; see tests/cassette/test_scanner.py::TestCase2",
        "permissions": {"admin": False, "push": False},
        "secret_scanning": {
            "status": "enabled",
            "secret_scanning_push_protection": True,
        },
    }


def npm(rng):
    package = words(rng, 1)
    return {
        "name": package,
        "dist-tags": {"latest": version(rng)},
        "dist": {
            "integrity": "sha512-" + base64.b64encode(sha(rng, 512).digest()).decode(),
            "shasum": sha(rng, 1).hexdigest(),
            "tarball": f"https://registry.invented.io/{package}/-/{package}-{version(rng)}.tgz",
            "signatures": [
                {
                    "keyid": "SHA256:"
                    + base64.b64encode(sha(rng).digest()).decode().rstrip("="),
                    "sig": "MEUCIQ" + base64.b64encode(rng.randbytes(66)).decode(),
                }
            ],
        },
        "_npmUser": {"name": "invented"},
        "gitHead": sha(rng, 1).hexdigest(),
    }


def lock_file(rng):
    kind = rng.randrange(5)
    if kind == 0:
        return json.dumps(
            {
                "lockfileVersion": 3,
                "packages": {
                    f"node_modules/@scope/{words(rng, 1)}-{n}": {
                        "version": version(rng),
                        "resolved": f"https://registry.invented.io/x/-/x-{version(rng)}.tgz",
                        "integrity": "sha512-"
                        + base64.b64encode(sha(rng, 512).digest()).decode(),
                    }
                    for n in range(9)
                },
            },
            indent=2,
        )
    if kind == 1:
        return "\n".join(
            f"golang.org/x/{words(rng, 1)} v{version(rng)} h1:"
            f"{base64.b64encode(sha(rng).digest()).decode()}"
            for _ in range(9)
        )
    if kind == 2:
        return "\n".join(
            f"{words(rng, 1)}=={version(rng)} \\\n    --hash=sha256:{sha(rng).hexdigest()}"
            for _ in range(9)
        )
    if kind == 3:
        return "\n".join(
            f'[[package]]\nname = "{words(rng, 1)}"\nversion = "{version(rng)}"\n'
            f'checksum = "{sha(rng).hexdigest()}"\n'
            for _ in range(9)
        )
    return "\n".join(
        f"pytest_{words(rng, 1)}/_{n}.py,sha256="
        f"{base64.urlsafe_b64encode(sha(rng).digest()).decode().rstrip('=')},{n * 99}"
        for n in range(9)
    )


def openapi(rng):
    return {
        "openapi": "3.1.0",
        "info": {"title": words(rng, 3), "version": version(rng)},
        "servers": [
            {"url": "https://{host}/v2", "variables": {"host": {"default": "x"}}}
        ],
        "paths": {
            "/login": {
                "post": {
                    "operationId": "loginUserWithPassword2",
                    "security": [{"apiKey": []}, {"oauth2": ["read:guests"]}],
                    "requestBody": {
                        "content": {
                            "application/x-www-form-urlencoded": {
                                "schema": {
                                    "properties": {
                                        "password": {
                                            "type": "string",
                                            "format": "password",
                                        },
                                        "client_secret": {"type": "string"},
                                        "refresh_token": {
                                            "$ref": "#/components/schemas/RefreshToken2"
                                        },
                                    },
                                    "example": {
                                        "password": "string",
                                        "token": "string",
                                    },
                                }
                            }
                        }
                    },
                }
            }
        },
        "components": {
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": "https://accounts.zoho.com/oauth/v2/auth",
                            "tokenUrl": "https://accounts.zoho.com/oauth/v2/token",
                        }
                    },
                },
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            }
        },
    }


def discovery(rng):
    issuer = f"https://{words(rng, 1)}.example.com"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
        ],
        "grant_types_supported": [
            "authorization_code",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "code_challenge_methods_supported": ["S256"],
    }


def jwks(rng):
    def b64(count):
        return base64.urlsafe_b64encode(rng.randbytes(count)).decode().rstrip("=")

    return {
        "keys": [
            {
                "kty": "RSA",
                "use": "sig",
                "alg": "RS256",
                "e": "AQAB",
                "kid": b64(20),
                "n": b64(256),
                "x5t": b64(20),
                "x5c": ["MIIC" + base64.b64encode(rng.randbytes(300)).decode()],
            },
            {"kty": "EC", "crv": "P-256", "kid": b64(32), "x": b64(32), "y": b64(32)},
        ]
    }


def kubernetes(rng):
    lines = base64.encodebytes(b"0\x82" + rng.randbytes(700)).decode()
    found = {
        "apiVersion": "v1",
        "kind": rng.choice(["Pod", "ConfigMap", "Deployment"]),
        "metadata": {
            "name": f"{words(rng, 1).lower()}-{text_of(rng, HEX, 9)}-{text_of(rng, string.ascii_lowercase, 5)}",
            "uid": guid(rng),
            "resourceVersion": str(rng.randrange(10**8)),
            "creationTimestamp": when(rng),
            "labels": {"pod-template-hash": text_of(rng, HEX, 10)},
        },
        "spec": {
            "containers": [
                {
                    "image": f"registry.example.com/guests@sha256:{sha(rng).hexdigest()}",
                    "env": [
                        {
                            "name": "DB_PASSWORD",
                            "valueFrom": {
                                "secretKeyRef": {"name": "db-secret", "key": "password"}
                            },
                        }
                    ],
                    "volumeMounts": [
                        {
                            "name": "kube-api-access-x7k2p",
                            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                        }
                    ],
                }
            ],
            "serviceAccountName": "default",
        },
        "data": {
            "ca.crt": f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"
        },
    }
    return yaml.safe_dump(found) if rng.random() < 0.5 else json.dumps(found)


def locale(rng):
    language = rng.choice(list(WORDS))
    first, last, full = NAMED.get(language, NAMED["nl"])
    return {
        "locale": language,
        "messages": {
            name: words(rng, rng.randrange(1, 4), language) for name in LABELS
        },
        "fields": {"first_name": first, "lastName": last, "full-name": full},
        "errors": {
            "missing-recaptcha-token": words(rng, 4, language),
            "token": rng.choice(["token-update-no-token", "unable_to_load_token"]),
        },
        "hints": [
            f"Password: {words(rng, 3, language)}",
            "Token: see Settings > Tokens",
        ],
    }


def graphql(rng):
    return {
        "data": {
            "search": {
                "edges": [
                    {
                        "cursor": base64.b64encode(rng.randbytes(24)).decode(),
                        "node": {"id": base64.b64encode(b"Guest:%d" % n).decode()},
                    }
                    for n in range(5)
                ],
                "pageInfo": {
                    "hasNextPage": True,
                    "endCursor": base64.b64encode(rng.randbytes(30)).decode(),
                },
            }
        },
        "nextPageToken": text_of(rng, URL64, 60),
        "continuationToken": text_of(rng, ALNUM, 40),
    }


def aws_xml(rng):
    return (
        "<?xml version='1.0' encoding='UTF-8'?><ListBucketResult><Name>guests</Name>"
        f"<Contents><Key>2026/{guid(rng)}.parquet</Key><LastModified>{when(rng)}</LastModified>"
        f"<ETag>&quot;{sha(rng, 1).hexdigest()[:32]}&quot;</ETag><Size>434234</Size>"
        f"<StorageClass>STANDARD</StorageClass></Contents><RequestId>"
        f"{text_of(rng, string.ascii_uppercase + string.digits, 16)}</RequestId>"
        "<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
    )


def program(rng):
    """Minified JavaScript, as bundlers write it."""
    letters = string.ascii_letters
    parts = [
        f"function {rng.choice(letters)}({rng.choice(letters)},{rng.choice(letters)})"
        f"{{return {rng.choice(letters)}.token={rng.choice(letters)}.getToken2(),"
        f"this.password=e.password||null,{{accessToken:{rng.choice(letters)}.accessToken,"
        f'apiKey:process.env.API_KEY2,secret:void 0,type:"password"}}}}'
        for _ in range(20)
    ]
    mappings = ";".join(
        ",".join(text_of(rng, f"{ALNUM}+/", 4) for _ in range(9)) for _ in range(40)
    )
    parts += [
        f'__webpack_require__.u=e=>"static/js/"+{{1:"guests",2:"tables"}}[e]+"."'
        f'+{{1:"{text_of(rng, HEX, 8)}",2:"{text_of(rng, HEX, 20)}"}}[e]+".chunk.js";',
        'xhr.setRequestHeader("Authorization","Bearer "+t.accessToken);',
        f"//# sourceMappingURL=main.{text_of(rng, HEX, 8)}.js.map",
        f'{{"version":3,"sources":["a.js"],"mappings":"{mappings}"}}',
    ]
    return "".join(parts)


def account_program(rng):
    """What programs that log people in are made of."""
    point = b"\x04" + rng.randbytes(64)
    mangled = f"_ZN{rng.randrange(9)}{words(rng, 1)}4main17h{text_of(rng, HEX, 16)}E"
    return rng.choice(
        [
            'if("password"===e.signInMethod)return r({firstName:t.firstName,zuid:""})',
            "const handleAsObjectInI18nFormat = !this.i18nFormat || options?.[secret(",
            "/-----BEGIN (?:RSA )?PRIVATE KEY-----/.test(t)&&(e.privateKey=t)",
            f"key={base64.urlsafe_b64encode(point).decode().rstrip('=')}",
            f"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>\n{mangled}",
            f"at https://user:pass@guests.example.com/{rng.randrange(99)}/",
            base64.encodebytes(rng.randbytes(rng.randrange(200, 400))).decode(),
            json.dumps(
                {"CodeSha256": base64.b64encode(sha(rng).digest()).decode(), "Size": 7}
            ),
            # A table, most of whose numbers are small.
            base64.b64encode(
                b"".join(
                    rng.randrange(1 << rng.choice((4, 20))).to_bytes(4)
                    for _ in range(50)
                )
            ).decode(),
        ]
    )


def style(rng):
    font = base64.b64encode(b"wOF2\0\1\0\0" + rng.randbytes(2000)).decode()
    return (
        f"@media screen{{.guest_{text_of(rng, ALNUM, 5)}{{color:#{text_of(rng, HEX, 6)};"
        f"background:url(data:image/svg+xml;base64,"
        f"{base64.b64encode(b'<svg viewBox=&quot;0 0 9 9&quot;><path d=&quot;M1.5 2.25h3&quot;/></svg>').decode()})}}}}"
        f"@font-face{{src:url(data:font/woff2;base64,{font})}}"
        f"@import url(//cdn.example.com/font@4.7.0/css/font.min.css);"
    )


def drawing(rng):
    path = "".join(
        f"{rng.choice('MLCQAhvz')}{rng.random() * 99:.3f},{rng.random() * 99:.2f}"
        for _ in range(80)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg"><path d="{path}"/></svg>'


def binary(rng):
    return rng.choice(
        [
            lambda: b"\x89PNG\r\n\x1a\n" + rng.randbytes(3000),
            lambda: b"PK\x03\x04" + rng.randbytes(3000),
            lambda: (
                b"%PDF-1.7\n%\xe2\xe3\n/ID [<"
                + sha(rng).hexdigest().encode()
                + b">]"
                + zlib.compress(rng.randbytes(500))
            ),
            lambda: rng.randbytes(rng.randrange(200, 20_000)),
            lambda: zlib.compress(json.dumps(rows(rng)).encode()),
            lambda: json.dumps(rows(rng), ensure_ascii=False).encode("utf-16"),
        ]
    )()


def metrics(rng):
    return "\n".join(
        f'http_requests_total{{path="/v2/{words(rng, 1)}",code="200",token_type="bearer",'
        f'pod="guest-{text_of(rng, HEX, 10)}-x2x4z"}} {rng.randrange(10**6)} {rng.randrange(10**12, 10**13)}'
        for _ in range(20)
    )


def registry(rng):
    """A package index: hashed addresses."""
    digest = hashlib.blake2b(rng.randbytes(8), digest_size=32).hexdigest()
    return {
        "info": {"name": words(rng, 1), "license": "MIT", "requires_python": ">=3.11"},
        "urls": [
            {
                "digests": {
                    "blake2b_256": digest,
                    "md5": sha(rng, 1).hexdigest()[:32],
                    "sha256": sha(rng).hexdigest(),
                },
                "filename": f"guests-{version(rng)}-cp311-cp311-manylinux_2_17_x86_64.whl",
                "upload_time_iso_8601": when(rng),
                "url": f"https://files.example.org/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/x.whl",
            }
        ],
    }


def prose(rng):
    return (
        rng.choice(
            [
                "To refresh a token: POST /oauth/v2/token with grant_type=refresh_token. The "
                "password: see your administrator. Token: opaque. Secret: yes. Basic "
                "authentication is not supported; use bearer tokens or api_key=YOUR_API_KEY.",
                "curl -H 'Authorization: Bearer $TOKEN' -d 'password=<password>' "
                "https://user:password@example.com/ # client_secret={client_secret}",
                "export API_TOKEN=${API_TOKEN:?missing}; export DB_PASSWORD=********",
                'Traceback (most recent call last):\n  File "/usr/lib/python3.11/site-packages/'
                'requests/adapters.py", line 633, in send\n    self._token = self.get_token(token=token2)\n'
                "KeyError: 'access_token'",
                f"{when(rng)} INFO [{guid(rng)}] token=None user=guest password=*** took 12ms",
            ]
        )
        + " "
        + words(rng, 30, rng.choice(list(WORDS)))
    )


BODIES = [
    *(
        rows,
        zoho,
        zoho,
        zoho_page,
        github,
        npm,
        lock_file,
        lock_file,
        openapi,
        discovery,
    ),
    *(
        jwks,
        kubernetes,
        locale,
        graphql,
        aws_xml,
        program,
        style,
        drawing,
        binary,
        binary,
    ),
    *(metrics, registry, prose, account_program, account_program),
]


def reply_headers(rng):
    b64 = base64.b64encode(rng.randbytes(57)).decode()
    several = {
        "Date": "Mon, 23 Nov 2026 12:00:00 GMT",
        "ETag": f'W/"{text_of(rng, URL64, 27)}"',
        "Last-Modified": "Mon, 23 Nov 2026 12:00:00 GMT",
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
        "Content-Security-Policy": f"script-src 'nonce-{base64.b64encode(rng.randbytes(18)).decode()}' 'self'",
        "X-Amz-Id-2": b64,
        "X-Amz-Request-Id": text_of(rng, string.ascii_uppercase + string.digits, 16),
        "X-Amz-Cf-Id": text_of(rng, URL64, 54) + "==",
        "X-Request-Id": guid(rng),
        "X-GitHub-Request-Id": "C0DE:1234:5A5A5A:6B6B6B:"
        + text_of(rng, HEX, 8).upper(),
        "CF-RAY": f"{text_of(rng, HEX, 16)}-FRA",
        "Via": f"1.1 {text_of(rng, HEX, 32)}.cloudfront.net (CloudFront)",
        "x-goog-hash": f"crc32c={base64.b64encode(rng.randbytes(4)).decode()}, md5={base64.b64encode(rng.randbytes(16)).decode()}",
        "X-GUploader-UploadID": text_of(rng, URL64, 90),
        "traceparent": f"00-{text_of(rng, HEX, 32)}-{text_of(rng, HEX, 16)}-01",
        "Report-To": json.dumps(
            {
                "endpoints": [
                    {"url": "https://a.nel.example.com/report/v4?s=" + quoted(rng)}
                ]
            }
        ),
        "Set-Cookie": rng.choice(
            [
                "zalb_1ae0a49f95=REDACTED-cookie-1; Path=/",
                "iamcsr=fadefade-fade-4ade-8ade-00000000000a;path=/;SameSite=None;Secure",
                "lang=en-US; Path=/; Expires=Wed, 23 Nov 2027 12:00:00 GMT",
                "consent=analytics:no|ads:no; Max-Age=31536000",
                "session=REDACTED; HttpOnly",
            ]
        ),
        "Server": "ZGS",
        "X-RateLimit-Reset": str(rng.randrange(10**9, 2 * 10**9)),
        "Link": '<https://api.github.com/repositories/1300192/issues?page=2>; rel="next"',
        "Server-Timing": "cdn-cache; desc=HIT, edge; dur=1",
        "X-OAuth-Scopes": "ZohoCatalyst.tables.rows.READ",
        "WWW-Authenticate": 'Bearer realm="guests", error="invalid_token"',
    }
    return {name: several[name] for name in rng.sample(list(several), 6)}


def quoted(rng):
    return text_of(rng, ALNUM, 40) + "%2B" + text_of(rng, ALNUM, 40) + "%3D%3D"


def request_headers(rng):
    several = {
        "Authorization": rng.choice(
            [
                "Zoho-oauthtoken REDACTED-access-token-1",
                "Bearer REDACTED-access-token-12",
                "Basic UkVEQUNURUQtY2xpZW50LWlkLTE6UkVEQUNURUQtY2xpZW50LXNlY3JldC0x",
                "REDACTED",
                "Bearer 1000.fadefadefadefadefadefade00000001.fadefadefadefadefadefadefadefade",
            ]
        ),
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        "Accept": "application/vnd.catalyst.v2+json, application/json;q=0.9",
        "X-Zcsrf-Token": "REDACTED-zcsrf-token-1",
        "Cookie": "lang=en; JSESSIONID=REDACTED-cookie-2; theme=dark-blue",
        "If-None-Match": f'"{text_of(rng, URL64, 32)}"',
        "Content-Type": f"multipart/form-data; boundary=----WebKitFormBoundary{text_of(rng, ALNUM, 16)}",
        "Idempotency-Key": guid(rng),
        "X-Client-Version": f"pytest-catalyst-oauth/{version(rng)} requests/2.32.5 python/3.11.7",
    }
    return {name: several[name] for name in rng.sample(list(several), 4)}


REQUESTS = [
    lambda rng: (
        b"grant_type=refresh_token&refresh_token=REDACTED-refresh-token-1"
        b"&client_id=1000.REDACTED%022d&client_secret=%bfa%08x"
        % (rng.randrange(9), b"fade" * 8, rng.randrange(9))
    ),
    lambda rng: (
        b"grant_type=authorization_code&code=REDACTED-code-1&code_verifier="
        b"REDACTED-code-verifier-1-xxxxxxxxxxxxxxxxxxxxxx&redirect_uri="
        b"https%3A%2F%2Fguests.example.com%2Fcallback"
    ),
    lambda rng: json.dumps({"token": f"REDACTED-token-{rng.randrange(1, 9)}"}).encode(),
    lambda rng: json.dumps({"data": rows(rng)}).encode(),
    lambda rng: None,
    lambda rng: f"max_rows=200&next_token={rng.randrange(10**9)}&sort=name".encode(),
]


def generated(count=1000):
    """Yield name and bytes of cassettes."""
    tools = (vcr_yaml, vcr_json, betamax, har)
    for number in range(count):
        rng = random.Random(f"harmless {number}")
        make = BODIES[number % len(BODIES)]
        body = make(rng)
        if isinstance(body, dict | list):
            body = json.dumps(
                body, indent=rng.choice([None, 2]), ensure_ascii=rng.random() < 0.5
            )
        exchange = Exchange(
            f"https://api.catalyst.zoho.eu/baas/v1/project/{rng.randrange(10**12, 10**13)}"
            f"/table/{words(rng, 1)}/row?max_rows=200&next_token={rng.randrange(10**6)}",
            body=rng.choice(REQUESTS)(rng),
            headers=request_headers(rng),
            reply=body.encode() if isinstance(body, str) else body,
            reply_headers=reply_headers(rng),
        )
        yield f"{make.__name__} {number}", rng.choice(tools)(exchange)


# What a person wrote to be shown or run. Addresses and examples of credentials are in
# some of them, which a scanner should find.
_PACKAGES = (
    "pytest _pytest requests urllib3 vcr yaml jinja2 pluggy responses tenacity".split()
)
_ENDINGS = {".py", ".txt", ".json", ".html", ".css", ".js", ".md", ".rst", ".toml"}
_TELLS = re.compile(rb"@[\w-]+\.\w|://[^\s/]*:[^\s/]*@|PRIVATE KEY|[Bb]asic [\w+/]{8}")


def written(most=400):
    """Yield name and bytes of cassettes whose bodies are files of installed packages."""
    count = 0
    for package in _PACKAGES:
        found = importlib.util.find_spec(package)
        if found is None or not found.submodule_search_locations:
            continue
        for path in sorted(Path(found.submodule_search_locations[0]).rglob("*")):
            if path.suffix not in _ENDINGS or not path.is_file():
                continue
            body = path.read_bytes()
            if body and len(body) < 200_000 and not _TELLS.search(body):
                yield f"{package}/{path.name}", vcr_yaml(Exchange(reply=body))
                count += 1
                if count == most:
                    return
