"""The shared vocabulary: grades, verdicts, the reasoning format, prompts, metrics. Pure Python, no dependencies."""
