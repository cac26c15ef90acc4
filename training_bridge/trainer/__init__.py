"""The trainer: everything that needs torch. It knows a run directory and `relevance`, and nothing of the site."""
