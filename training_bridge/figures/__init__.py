"""Figures: what a subject reached, with intervals over queries, and whether one is better than another. Knows no database."""
