class RuntimeFault(Exception):
    """Something the person at the keyboard must settle. The message is one line that says what to do; exit status 2."""
