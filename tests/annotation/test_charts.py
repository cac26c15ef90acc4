"""What the small charts say."""

import datetime as dt
import re
from types import SimpleNamespace

from annotation.templatetags.quality import days_chart, rate_drawn, rule_code


def test_answers_a_day_are_marked_at_round_numbers() -> None:
    drawn = days_chart([(dt.date(2026, 11, 22), 310), (dt.date(2026, 11, 23), 462)])
    marks = re.findall(r'text-anchor="end">([\d,]+)<', drawn)
    assert marks[:5] == ["0", "200", "400", "600", "800"]


def test_a_share_is_drawn_with_its_interval_and_the_half() -> None:
    line = SimpleNamespace(rate=0.6, low=0.5, high=0.7)
    assert 'class="whisker"' in rate_drawn(line) and "ref" not in rate_drawn(line)
    assert 'class="ref"' in rate_drawn(line, 0.5)


def test_a_figure_of_a_rule_leads_to_it() -> None:
    assert rule_code("R03 v2") == "R03"
