"""`python -m runtime demo|stop|status`."""

import sys

from runtime.demo import demo, status, stop
from runtime.errors import RuntimeFault

COMMANDS = {"demo": demo, "stop": stop, "status": status}


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        print(f"usage: python -m runtime {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[sys.argv[1]]()
    except RuntimeFault as fault:
        print(fault, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
