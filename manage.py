#!/usr/bin/env python
"""Django's commands; the embedded services of this LORE_HOME are found or started around them."""

import os
import sys


def main() -> None:
    from runtime.environment import prepare
    from runtime.errors import RuntimeFault

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    try:
        with prepare(sys.argv):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except RuntimeFault as fault:
        print(fault, file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.filename is None:
            raise
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
