"""Where a webhook may lead, and when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from fourflow.foundation.clients.domain import schedule
from fourflow.foundation.clients.domain.addresses import (
    checked_kinds,
    checked_url,
    is_outside,
    require_outside,
)
from fourflow.foundation.clients.types import AddressForbidden, EndpointInvalid
from fourflow.platform.ids import new_id

INSIDE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "feff::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("number", INSIDE)
def test_loopback_private_reserved_and_metadata_numbers_are_inside(number: str) -> None:
    assert not is_outside(ip_address(number))
    with pytest.raises(AddressForbidden) as refusal:
        require_outside([ip_address("93.184.216.34"), ip_address(number)])
    assert number not in str(refusal.value)


@pytest.mark.parametrize(
    "number", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_numbers_are_outside(number: str) -> None:
    assert is_outside(ip_address(number))


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/hook",
        "ftp://partner.example/hook",
        "file:///etc/passwd",
        "https://user:word@partner.example/",
        "https://partner.example/#part",
        "https:///nothing",
        "https://",
        "partner.example",
        "https://partner.example:99999/",
        "https://partner.example/a b",
        "https://partner.example/\r\nHost: inside",
        "https://partner.example\\@inside/",
        "https://päartner.example/",
        "https://partner.example/" + "x" * 500,
        "https://[::1",
    ],
)
def test_an_address_that_is_none_for_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(EndpointInvalid):
        checked_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://10.1.1.1/",
    ],
)
def test_an_address_that_names_a_place_inside_is_refused(url: str) -> None:
    with pytest.raises(AddressForbidden):
        checked_url(url)


def test_the_sandbox_may_be_permitted_to_call_this_machine_and_no_other_inside() -> None:
    assert checked_url("http://127.0.0.1:8400/hook", loopback=True)
    assert checked_url("http://localhost:8400/hook", loopback=True)
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://partner.example/", "https://169.254.169.254/"):
        with pytest.raises((AddressForbidden, EndpointInvalid)):
            checked_url(url, loopback=True)


KNOWN = {"voucher.accepted", "voucher.overdue", "financing.disbursed"}


def test_kinds_are_those_of_the_house_alone_or_by_family() -> None:
    assert checked_kinds(["voucher.*", "financing.disbursed", "voucher.*"], KNOWN) == [
        "financing.disbursed",
        "voucher.*",
    ]
    for wrong in ([], ["voucher.sold"], ["*"], ["loan.*"], ["voucher.a*"], ["voucher.accepted\n"]):
        with pytest.raises(EndpointInvalid):
            checked_kinds(wrong, KNOWN)


def test_ten_attempts_are_spread_over_three_days() -> None:
    at, tried, delivery = datetime(2026, 11, 22, tzinfo=UTC), 0, new_id()
    moments = [at]
    while (following := schedule.next_attempt(tried + 1, moments[-1], delivery)) is not None:
        moments.append(following)
        tried += 1
    assert len(moments) == 10
    assert timedelta(seconds=5) <= moments[1] - at <= timedelta(seconds=6)
    assert timedelta(days=3) < moments[-1] - at < timedelta(days=4)


@pytest.mark.parametrize(("status", "delivered"), [(200, True), (204, True), (302, False), (404, False), (None, False)])
def test_only_a_success_delivers(status: int | None, delivered: bool) -> None:
    assert schedule.is_delivered(status) is delivered
