"""Known secrets in spellings that only programs write."""

import base64
import email
import gzip
import html
import json
import quopri
import re
from contextlib import suppress
from email.charset import QP, Charset
from email.message import Message
from email.mime.multipart import MIMEMultipart
from urllib.parse import quote, unquote

import pytest

from pytest_catalyst_oauth.cassette import environment_secrets, scan
from pytest_catalyst_oauth.engine import Secret
from tests.cassette.recordings import scrub_reply

WORDY = "Inv3nted-plugh-42-mellon"
HEX = "3f9c0b7de1a4482fb6d05c9a7e21f8834d"


def written(text, secret):
    """Return what is left of a reply's body, whatever it is made of."""
    body = text if isinstance(text, bytes) else text.encode()
    left = scrub_reply(body, secrets=[secret]).body
    return gzip.decompress(left) if left.startswith(b"\x1f\x8b") else left


@pytest.mark.parametrize("padded", [f"{WORDY}\n", f" {WORDY}\r\n", f"\t{WORDY}  "])
def test_a_secret_is_known_without_the_blanks_around_it(padded):
    """A file's last line feed is no part of a key, and clients do not send it."""
    assert written(f"see {WORDY}.", padded) == b"see REDACTED-secret-1."
    assert scan(f"see {WORDY}.".encode(), known=[Secret(padded)])


def test_blanks_count_where_little_else_is_there():
    """What is left without them would be found by chance."""
    assert written("see 1nv3    .", "1nv3    ") == b"see REDACTED-secret-1."
    assert scan(b"see 1nv3    .", known=[Secret("1nv3    ")])


def test_a_variable_is_known_without_the_blanks_around_its_value():
    """Shells keep a line feed that `cat` read."""
    environ = {"PARTNER_API_KEY": f"{WORDY}\n"}

    assert [one.reveal() for one in environment_secrets(environ)] == [WORDY]
    assert scan(f"see {WORDY}.".encode(), environment=environ)


def wrapped(secret, width):
    text = base64.b64encode(f"begin {secret} and the end".encode()).decode()
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


SPELLED = {
    "hexadecimal with colons": lambda s: s.encode().hex(":"),
    "hexadecimal with blanks": lambda s: s.encode().hex(" ").upper(),
    "escapes in braces": lambda s: "".join(f"\\u{{{ord(one):x}}}" for one in s),
    "octal escapes": lambda s: "".join(f"\\{ord(one):o}" for one in s),
    "base64 in lines of 16": lambda s: wrapped(s, 16),
    "base64 in lines of 20": lambda s: wrapped(s, 20),
    "entities without an end": lambda s: "".join(f"&#{ord(one)}" for one in s),
    "in hexadecimal": lambda s: "".join(f"&#x{ord(one):x}" for one in s),
    "quoted-printable": lambda s: quopri.encodestring(
        f"Your reset, dear Größe: {'w ' * 20}{s}, {s}.".encode()
    ),
    "a line of a mail": lambda s: f"{'w ' * 30}{s[:9]}=\r\n{s[9:]} and\r\nmore=20\r\n",
    "base32": lambda s: base64.b32encode(s.encode()).decode(),
    "a second member of gzip": lambda s: (
        gzip.compress(b"first, ") + gzip.compress(f"then {s}".encode())
    ),
    "gzip behind something": lambda s: b"ab" + gzip.compress(f"then {s}".encode()),
}
# Nobody replaces these, but they are not written either.
REFUSED = {
    "small base32": lambda s: f"s={base64.b32encode(s.encode()).decode().lower()}",
    "base85": lambda s: base64.b85encode(s.encode()).decode(),
    "bytes in a list": lambda s: str(list(s.encode())),
    "bytes of Node": lambda s: ",".join(map(str, s.encode())),
    "backwards": lambda s: f"see {s[::-1]}",
}
OF_HEX = {
    "capitals": lambda digits: f"id {digits.upper()} x",
    "colons": lambda digits: f"id {bytes.fromhex(digits).hex(':')} x",
    "base64": lambda digits: base64.b64encode(bytes.fromhex(digits)).decode(),
    "base64 for URLs": lambda digits: (
        "id " + base64.urlsafe_b64encode(bytes.fromhex(digits)).decode().rstrip("=")
    ),
    "bytes": lambda digits: b"id " + bytes.fromhex(digits) + b"\xff\x00\x01",
}


@pytest.mark.parametrize("how", SPELLED)
def test_a_known_secret_is_replaced_however_it_is_spelled(how):
    """Programs, pages and keys have spellings of their own."""
    text = SPELLED[how](WORDY)
    left = written(text, WORDY)

    assert left != text
    assert b"REDACTED-secret-1" in unspelled(left)


def unspelled(left):
    """Return what is left as a text, of whichever spelling."""
    if b"\x1f\x8b" in left:
        return gzip.decompress(left[left.index(b"\x1f\x8b") :])
    plain = b"".join(left.split())
    if b"=\n" in left or b"=\r\n" in left:
        return quopri.decodestring(left)
    for read in (
        lambda: bytes.fromhex(plain.replace(b":", b"").decode()),
        lambda: base64.b64decode(plain, validate=True),
    ):
        with suppress(ValueError):
            return read()
    return html.unescape(left.decode()).encode()


@pytest.mark.parametrize("how", [*SPELLED, *REFUSED])
def test_a_known_secret_is_refused_however_it_is_spelled(how):
    """The scanner reads those spellings too, if the scrubber were blind."""
    body = {**SPELLED, **REFUSED}[how](WORDY)
    text = body if isinstance(body, str) else base64.b64encode(body).decode()
    value = f"!!binary {text}" if isinstance(body, bytes) else f"|\n{text}"

    file = "a: " + value.replace("\n", "\n  ") + "\n"

    assert scan(file.encode(), known=[Secret(WORDY)])


@pytest.mark.parametrize("how", OF_HEX)
@pytest.mark.parametrize("known", [HEX, HEX.upper()], ids=["small", "capital"])
def test_hexadecimal_is_known_whatever_its_case_and_as_bytes(how, known):
    """The digits of a key are one way to write it."""
    text = OF_HEX[how](HEX)

    left = written(text, known)

    assert b"fadefade" in left.lower().replace(b":", b"")
    if isinstance(text, str):
        assert scan(f"a: {text}\n".encode(), known=[Secret(known)])


def test_a_key_in_the_form_of_a_uuid_is_known():
    """Some programs write 32 digits so, and others write them without signs."""
    key = "3f9c0b7de1a4482fb6d05c9a7e21f883"
    dashed = "3f9c0b7d-e1a4-482f-b6d0-5c9a7e21f883"

    for known, other in ((key, dashed), (dashed, key)):
        assert other.encode() not in written(f"id {other} x", known)
        assert scan(f"id {other} x".encode(), known=[Secret(known)])


def test_lines_that_only_end_like_those_of_a_mail_are_read_as_they_are():
    """An empty setting ends with the sign that continues a line of a mail."""
    lines = f"NAME=\nPASSWORD=10{WORDY}\nLONG={'a' * 60}=\nTOKEN=42{WORDY}\n"

    left = scrub_reply(lines.encode()).body.decode()

    assert "PASSWORD=REDACTED-" in left
    assert "TOKEN=REDACTED-" in left
    assert left.startswith("NAME=\n")


def test_a_link_of_a_mail_is_replaced_as_a_whole():
    """Its lines are cut anywhere, also in the middle of a token."""
    token = f"1000.{'0badcafe' * 4}.{'feedf00d' * 4}"
    link = f"https://x.test/reset?lang=de&token={token}&next=/a"
    mail = quopri.encodestring(f"Grüße,\n\nsee {link} and go on\n".encode())

    left = quopri.decodestring(scrub_reply(mail).body).decode()

    assert left.startswith("Grüße,\n\nsee https://x.test/reset?lang=de&token=1000.fade")
    assert left.endswith("&next=/a and go on\n")
    assert not any(part in left for part in ("badc", "feedf"))


def test_capital_digits_are_found_in_small_ones():
    """A program may print a key in its own way."""
    assert b"fadefade" in written(f"id {HEX} x", HEX.upper())
    assert scan(f"id {HEX} x".encode(), known=[Secret(HEX.upper())])


def last_part(body):
    """Return a mail's parts, and read the last one as a client of mail does."""
    return email.message_from_bytes(body).get_payload()[-1].get_payload(decode=True)


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("boundary", [None, "----=_NextPart_000_0042", "0000badcafe"])
def test_a_secret_is_found_in_the_last_line_before_a_mail_parts(boundary, end):
    """Most boundaries have signs that no quoted-printable may have, and on purpose."""
    mail = MIMEMultipart(boundary=boundary)
    part, mailed = Message(), Charset("utf-8")
    mailed.body_encoding = QP
    part.set_payload(f"Dear Zoë, {'w ' * 26}{WORDY}{end}", mailed)
    mail.attach(part)
    assert WORDY.encode() in last_part(mail.as_bytes())

    left = last_part(written(mail.as_bytes(), WORDY))

    assert left.rstrip().endswith(b"w REDACTED-secret-1")


def test_a_line_of_a_mail_may_end_inside_a_letter():
    """Python's own writer cuts between the bytes of one."""
    secret = "Inv3nted-größe-mellon"
    for before in range(40, 76):
        text = f"{'w' * before} {secret} and {secret}, ö {secret}\n"
        mail = quopri.encodestring(text.encode())

        left = quopri.decodestring(written(mail, secret)).decode()

        assert left == text.replace(secret, "REDACTED-secret-1")


def test_a_mail_inside_json_may_end_without_a_line_feed():
    """Its last line goes on from the one before, wherever the mail ends."""
    key = "c0ffee4caef2d650a46c6df57d75af34644b677442"
    mail = f"key: {key} export X=3D{key[:16]}=\n{key[16:]} =20"

    left = json.loads(written(json.dumps({"mail": mail}), key))["mail"]

    assert key[16:] not in left
    assert left.count("00000001") == 2


def in_lines(text, codec, feed="\n    ", width=64):
    whole = base64.b64encode(text.encode(codec)).decode()
    return feed.join(whole[at : at + width] for at in range(0, len(whole), width))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("feed", ["\n    ", "\r\n    "])
@pytest.mark.parametrize("behind", ["  other: word", ""])
def test_lines_of_base64_end_where_something_else_begins(behind, feed, codec):
    """The word in the next line is another one, and keeps its letters."""
    for more in range(24):
        lines = in_lines(f"it is {WORDY}, {'w' * more}", codec, feed)
        before = f"data:\n  x: |\n{feed[-4:]}"

        left = written(f"{before}{lines}\n{behind}\n", WORDY).decode()

        assert left.startswith(before)
        assert left.endswith(f"\n{behind}\n")
        inside = base64.b64decode(left[len(before) : -len(behind) - 2] + "===")
        assert inside == f"it is REDACTED-secret-1, {'w' * more}".encode(codec)


@pytest.mark.parametrize("width", [60, 76])
def test_two_files_in_base64_may_stand_one_behind_the_other(width):
    """Where a line is shorter than those before it, the next one begins anew."""
    picture = base64.encodebytes(bytes(range(256))).decode()
    for more in range(24):
        lines = in_lines(f"ä {WORDY}, {'w' * more}", "utf-16", "\r\n ", width)

        left = written(f"{lines}\n{picture}", WORDY)

        assert left.endswith(picture[-100:].encode())
        assert not has_wide(left, WORDY)


def has_wide(left, secret):
    """Tell whether words of base64 that lines make say a secret in UTF-16."""
    joined = re.sub(rb"\s", b"", left.split(b"AAECAwQF")[0]).rstrip(b"=")
    return secret.encode("utf-16-le") in base64.b64decode(joined + b"===")


def test_a_slash_of_base64_in_a_path_is_no_end_of_it():
    """It is written as `%2F` there, which tells it from those of the path."""
    packed = bytearray(gzip.compress(WORDY.encode(), mtime=0))
    packed[9] = 255  # which writes a slash
    word = base64.b64encode(packed).decode()
    for safe in ("+=", ""):
        url = f"https://a.test/rows/{quote(word, safe=safe)}/x?y=1"
        assert "%2F" in url

        left = written(f"see {url} there", WORDY).decode()

        inside = unquote(left.split("/")[4])
        assert gzip.decompress(base64.b64decode(inside)) == b"REDACTED-secret-1"
        assert left.endswith("/x?y=1 there")


@pytest.mark.parametrize("safe", ["+=", ""])
def test_a_plus_of_base64_in_a_path_is_no_end_of_it(safe):
    """Whether it is encoded there or not."""
    secret = ".~JyorFP0ehcJh"
    word = base64.b64encode(secret.encode("utf-16-le")).decode()
    assert "+" in word

    left = written(f"see https://a.test/{quote(word, safe=safe)} there", secret)

    inside = unquote(left.decode().split("/")[3].split()[0])
    assert base64.b64decode(inside).decode("utf-16-le") == "REDACTED-secret-1"


SHORT_MAILS = {
    "one line": quopri.encodestring,
    "blanks too": lambda raw: quopri.encodestring(raw, quotetabs=True),
    "small digits": lambda raw: re.sub(
        rb"=..", lambda one: one[0].lower(), quopri.encodestring(raw)
    ),
    "a short line": lambda raw: quopri.encodestring(raw).replace(b"mel", b"m=\r\nel"),
    "blanks behind": lambda raw: quopri.encodestring(raw).replace(b"mel", b"m= \nel"),
    "beside other signs": lambda raw: quopri.encodestring(raw) + b"\na=b=_c ==\n",
}


@pytest.mark.parametrize("how", SHORT_MAILS)
@pytest.mark.parametrize(
    "secret", ["Inv3nted-größe-mellon", "Inv3nted=mellon==", "Inv3nted mellon"]
)
def test_a_known_secret_is_found_in_a_short_mail(how, secret):
    """None of its lines is long enough to be cut, and it may be no mail at all."""
    mail = SHORT_MAILS[how](f"It is: {secret}\nor {secret}, {secret}\n".encode())

    left = quopri.decodestring(written(mail, secret))

    assert left.startswith(
        b"It is: REDACTED-secret-1\nor REDACTED-secret-1, REDACTED-secret-1\n"
    )


@pytest.mark.timeout(60)
@pytest.mark.parametrize("end", ["\0", "\r", "\0--=_"])
def test_a_long_line_is_not_looked_at_from_each_of_its_signs(end):
    """That takes the square of its length: hours, where this takes a second."""
    text = f"{'a' * 500_000}{end}\nb=\n{'--' * 100_000}{end}{WORDY}".encode()

    assert written(text, WORDY).endswith(b"REDACTED-secret-1")
