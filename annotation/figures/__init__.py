"""Figures of quality worked out over whole corpora as arrays: what jobs store and pages read.

`answers` reads, `resampling` and `dawid_skene` calculate and know no database, the others make one kind of figure each.
"""
