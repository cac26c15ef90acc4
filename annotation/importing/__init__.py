"""Judgments from files: read by a format, staged by COPY, taken up set by set; bad rows to a file with their reasons."""

from annotation.importing.loading import AnswerLoader

__all__ = ["AnswerLoader"]
