"""From files to rows: formats, readers, cleaning, rejected rows, and the set-based loader."""
