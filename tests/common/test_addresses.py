"""What the site calls when somebody else names the address: nothing inside the house, however it is written."""

import ipaddress
import socket
from typing import Any

import pytest

from webapp.common.addresses import AddressRefused, is_public, target_of, url_check

INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.254", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_is_not_called(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_address_outside_is(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost:8000/x", "http://0x7f.1/", "http://2130706433/", "http://[::1]/",
        "http://0/", "http://[::ffff:10.0.0.1]/", "http://127.1/",
    ],
)  # fmt: skip
def test_however_the_loopback_is_written(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url)
    assert target_of(url, private_allowed=True).address


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://example.org/", "file:///etc/passwd", "//example.org/", "https://", "https://user:pw@example.org/",
        "http://example.org:99999/", "http://example.org/a b", "http://example.org/\r\nHost: x", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused_before_anybody_is_asked(url: str) -> None:
    with pytest.raises(AddressRefused):
        url_check(url)


def _answers(*found: str) -> Any:
    rows = [(socket.AF_INET6 if ":" in name else socket.AF_INET, 1, 6, "", (name, 443)) for name in found]
    return lambda *args, **kwargs: rows


def test_one_bad_address_among_good_ones_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _answers("93.184.216.34", "10.0.0.7"))
    with pytest.raises(AddressRefused, match="private") as refused:
        target_of("https://rebind.example.org/hook")
    assert "10.0.0.7" not in refused.value.message


def test_the_checked_address_is_the_one_to_connect_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _answers("93.184.216.34", "2606:4700::1"))
    target = target_of("https://hooks.example.org:8443/a?b=c")
    assert (target.address, target.host, target.port) == ("93.184.216.34", "hooks.example.org", 8443)
    assert target.authority == "hooks.example.org:8443" and target.path == "/a?b=c"
