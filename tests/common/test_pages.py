"""Keyset paging against addresses that somebody has bent."""

import base64
import json
from typing import Any

import pytest


@pytest.mark.parametrize(
    "values", [["x"], [{}], [[1]], [None], ["1\0"], [1, 2], {}, 7, [True], [10**30], "[" * 5000]
)
def test_a_bent_page_address_is_refused_or_leads_to_an_empty_page(
    values: Any, people: Any, client_for: Any
) -> None:
    raw = values if isinstance(values, str) else json.dumps(values)
    cursor = base64.urlsafe_b64encode(raw.encode()).decode()
    answer = client_for(people.admin).get("/c/shop/audit/", {"after": cursor})
    assert answer.status_code in {200, 422}
