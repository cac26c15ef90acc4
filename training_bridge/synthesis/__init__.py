"""Training rows out of a catalogue, pictures, rules and verdicts: pure functions over contract-shaped dicts."""
