"""Figures: what a subject reached, with intervals over queries, and whether another is better. Knows no database."""
