"""Keys from the environment: what is wrong stops the start, and no key is shown."""

import base64

import pytest
from environs import EnvError

from vivirkr.keys import key, key_ring

ONE, TWO = (base64.b64encode(byte * 32).decode() for byte in (b"\x01", b"\x02"))


def test_the_first_of_a_ring_is_the_newest():
    ring = key_ring(f"2026b:{ONE}, 2026a:{TWO}")
    assert list(ring) == ["2026b", "2026a"]
    assert base64.b64encode(ring["2026a"]).decode() == TWO


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write id:key"),
        (ONE, "write id:key"),
        (f":{ONE}", "write id:key"),
        (f"a b:{ONE}", "write id:key"),
        (f"{'x' * 21}:{ONE}", "write id:key"),
        (f"æ:{ONE}", "write id:key"),
        (f"a:{ONE},", "write id:key"),
        ("a:", "32 random bytes"),
        (f"a:{ONE[:-4]}", "32 random bytes"),
        (f"a:{ONE}{TWO}", "32 random bytes"),
        (f"a:{ONE},a:{TWO}", "the id a stands there twice"),
        (f"a:{ONE},b:{ONE}", "under another id"),
    ],
)
def test_a_ring_that_is_wrong_is_refused_without_being_shown(text, said):
    with pytest.raises(EnvError, match=said) as refused:
        key_ring(text)
    assert ONE[:10] not in str(refused.value)


@pytest.mark.parametrize("text", ["", "short", "!" * 44, base64.b64encode(b"x" * 33).decode()])
def test_a_key_is_32_bytes_in_base64(text):
    with pytest.raises(EnvError, match="openssl rand -base64 32"):
        key(text)
