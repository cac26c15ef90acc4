"""`python -m catalog.sample OUT_DIR [--seed N]`"""

import argparse
from pathlib import Path

from catalog.sample.build import build_sample

parser = argparse.ArgumentParser(
    prog="python -m catalog.sample", description="Write the synthetic sample shop."
)
parser.add_argument("out", type=Path)
parser.add_argument("--seed", type=int, default=7)
chosen = parser.parse_args()
build_sample(chosen.out, chosen.seed)
