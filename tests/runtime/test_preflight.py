"""What a start asks first: the database that somebody named."""

import pytest

from runtime.errors import RuntimeFault
from runtime.preflight import database_check


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/none", "nonsense"])
def test_a_database_that_does_not_answer_is_named_in_one_line(url: str) -> None:
    with pytest.raises(RuntimeFault, match="^DATABASE_URL cannot be used .*unset it") as fault:
        database_check(url)
    assert "\n" not in str(fault.value)
