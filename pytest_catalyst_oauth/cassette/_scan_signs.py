"""Words that are secrets by their shape, whoever issued them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_END = rb"(?![0-9A-Za-z])"
_SHAPES = {
    "a Zoho token": rb"100[0-9]\.[0-9a-f]{32}\.[0-9a-f]{32}",
    "a Zoho client id": rb"100[0-9]\.[0-9A-Z]{30}" + _END,
    # Three parts are signed, five encrypted.
    # What many others stand before is as long as that of most tokens, so that a word
    # of nothing else takes no time.
    "a JSON Web Token": rb"eyJ(?:(?<![\w-]eyJ)[\w-]{8,}|(?<=[_-]eyJ)[\w-]{8,400})\."
    rb"(?:eyJ[\w-]{8,}\.(?!\x01)"
    rb"|[\w-]*\.[\w-]{16,}\.[\w-]{4,}\.[\w-]{16,})[\w-]*",
    "a GitHub token": rb"(?:gh[opsur]_[0-9A-Za-z]{36}|github_pat_\w{60,})",
    "a GitLab token": rb"gl(?:pat|dt|rt|cbt|ptt|oas|agent|soat)-[\w-]{20,}",
    "a Slack token": rb"xox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{10,}"
    rb"|xapp-[0-9]-[0-9A-Za-z-]{10,}",
    "a Slack webhook": rb"hooks\.slack\.com/services/T\w+/B\w+/\w{20,}",
    "an AWS access key id": rb"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}" + _END,
    "a Google key or token": rb"(?:AIza[\w-]{35}(?![\w-])|ya29\.[\w-]{20,}"
    rb"|GOCSPX-[\w-]{28}|1//0[\w-]{40,})",
    "a Stripe key": rb"(?:[rsp]k_(?:live|test)_\w{16,}|whsec_[\w+/]{24,})",
    "a Mailgun key": rb"key-[0-9a-f]{32}" + _END,
    "a Twilio key": rb"SK[0-9a-f]{32}" + _END,
    "a SendGrid key": rb"SG\.[\w-]{16,}\.[\w-]{16,}",
    "an npm token": rb"npm_[0-9A-Za-z]{36}",
    "a PyPI token": rb"pypi-AgE[\w-]{50,}",
    "an OpenAI or Anthropic key": rb"sk-(?:[a-z]{2,8}[0-9]{0,2}-)?[\w-]{32,}",
    "a Discord token": rb"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}" + _END,
    "a Telegram bot token": rb"bot[0-9]{8,10}[:/]AA[\w-]{33}",
    "a Vault token": rb"hv[sbr]\.[\w-]{24,}",
    "a Shopify token": rb"shp(?:at|ca|pa|ss)_[0-9a-f]{32}",
    "a DigitalOcean token": rb"do[opr]_v1_[0-9a-f]{64}",
    "a Square token": rb"(?:EAAA(?![\w-]{0,60}AA)[\w-]{60}|sq0[a-z]{3}-[\w-]{22,43})",
    "a Databricks token": rb"dapi[0-9a-f]{32}",
    "a Facebook token": rb"EAA[0-9A-Za-z]{80,}",
    "a Hugging Face token": rb"hf_[0-9A-Za-z]{34}",
    "a Linear or Notion key": rb"(?:lin_api|secret)_[0-9A-Za-z]{40,}",
}
_EACH = tuple((kind, re.compile(shape)) for kind, shape in _SHAPES.items())
_HEXADECIMAL = re.compile(
    rb"(?<![0-9A-Za-z])(?:([0-9a-f]{42})|[0-9a-f]{32}-us[0-9]{1,2})(?![0-9A-Za-z])"
)
# A text, which is looked into elsewhere, or a number.
_NO_SECRET = re.compile(rb"(?:[2-7][0-9a-f])+|[0-9]+(?:e[0-9]+)?")
_DIGIT = re.compile(rb"[0-9]")
_NEVER_GLUED = "a Zoho token"  # nobody else's looks so, whatever is before it
_SAMPLE = b"EXAMPLE"  # of Amazon's documentation


def signs(words: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield kind and text of each secret in words.

    All are searched at once: a pattern that begins with letters is quick in a long
    text, and thirty of them in each of thousands of words are not.
    """
    # But for AWS nobody issues tokens without digits.
    likely = [one for one in words if _DIGIT.search(one) or b"IA" in one]
    text = b" ".join(likely)
    for kind, shape in _EACH:
        for found in shape.finditer(text):
            # Here and not in the pattern, which is quicker if it begins with letters.
            is_glued = text[max(0, found.start() - 1) : found.start()].isalnum()
            is_whole = kind == _NEVER_GLUED or not is_glued
            if is_whole and _SAMPLE not in found[0]:
                yield kind, found[0]
    for found in _HEXADECIMAL.finditer(text):
        if found[1] and _NO_SECRET.fullmatch(found[1]):
            continue
        yield "a Zoho client secret" if found[1] else "a Mailchimp key", found[0]
