"""Reads encryption keys from the environment; what is wrong is said without showing a key."""

import base64
import binascii
import re

from environs import EnvError

LENGTH = 32  # bytes: AES-256 and HMAC-SHA256


def key(text: str) -> bytes:
    """One key from base64. Raises EnvError unless it is 32 bytes long."""
    try:
        found = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != LENGTH:
        raise EnvError("a key is 32 random bytes in base64; make one with: openssl rand -base64 32")
    return found


def key_ring(text: str) -> dict[str, bytes]:
    """Keys by id, the newest first, from "2026b:<base64>,2026a:<base64>".

    Raises EnvError where an id is missing or odd, or an id or a key stands there twice.
    """
    ring = {}
    for entry in text.split(","):
        name, _colon, value = entry.strip().partition(":")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", name):
            raise EnvError(
                "write id:key, the newest first, separated by commas; an id is 1 to 20 letters"
                " or digits; make a key with: openssl rand -base64 32"
            )
        if name in ring:
            raise EnvError(f"the id {name} stands there twice")
        found = key(value)
        if found in ring.values():
            raise EnvError(f"the key {name} stands there under another id, too")
        ring[name] = found
    return ring
