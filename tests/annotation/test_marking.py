"""Which words of an item's text are marked as the query's."""

import pytest

from annotation.marking import marked


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Red summer dresses", "summer dress", "Red <mark>summer</mark> <mark>dresses</mark>"),
        ("Tea for two, good for years", "afternoon tea for guests", "<mark>Tea</mark> for two, good for years"),
        ("For years", "for", "<mark>For</mark> years"),
        ("Crème brûlée torch", "creme brulee", "<mark>Crème</mark> <mark>brûlée</mark> torch"),
        ("夏季红色连衣裙", "连衣裙", "夏季红色<mark>连衣裙</mark>"),
        ("USB-C cable 2m", "usb-c cable", "<mark>USB</mark>-<mark>C</mark> <mark>cable</mark> 2m"),
        ("A can of cancan", "can", "A <mark>can</mark> of cancan"),
        ("<b>tea</b> & milk", "tea", "&lt;b&gt;<mark>tea</mark>&lt;/b&gt; &amp; milk"),
        ("<mark>", "mark", "&lt;<mark>mark</mark>&gt;"),
        ("", "tea", ""),
        ("tea", "!?", "tea"),
    ],
)  # fmt: skip
def test_words_of_the_query_are_marked(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown
