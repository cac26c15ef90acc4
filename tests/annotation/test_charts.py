"""What the small charts say."""

import datetime as dt
import re

from annotation.templatetags.quality import days_chart


def test_answers_a_day_are_marked_at_round_numbers() -> None:
    drawn = days_chart([(dt.date(2026, 11, 22), 310), (dt.date(2026, 11, 23), 462)])
    marks = re.findall(r'text-anchor="end">([\d,]+)<', drawn)
    assert marks[:5] == ["0", "200", "400", "600", "800"]
