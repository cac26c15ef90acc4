from webapp.common.wording import counted


def test_one_is_not_many() -> None:
    assert [counted(n, "pair") for n in (0, 1, 2, 1200)] == ["0 pairs", "1 pair", "2 pairs", "1,200 pairs"]
    assert counted(2, "query", "queries") == "2 queries"
