"""The trainer's command line.

python -m training_bridge.trainer run RUN_DIR
python -m training_bridge.trainer serve --port P --token-file F
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from training_bridge.trainer.options import OptionError
from training_bridge.trainer.rundir import RunDir, RunError, RunLocked

LOCKED, BAD_RUN = 75, 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 64 a run that cannot be worked on, 75 another trainer holds it, 143 stopped by SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m training_bridge.trainer", description=__doc__.split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="do what a run directory's config.json says; resumes a stopped run")
    run.add_argument("run_dir", help="a folder, or a URI that fsspec knows")
    serve = commands.add_parser("serve", help="the model server")
    serve.add_argument("--port", type=int, required=True)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument(
        "--token-file", type=Path, required=True, help="a file whose content is the bearer token"
    )
    given = parser.parse_args(arguments)
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # torch's threads wait asleep: the cores are shared with the site
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    return run_directory(given.run_dir) if given.command == "run" else serve_models(given)


def run_directory(uri: str) -> int:
    """Work on one run directory under its lock."""
    from training_bridge.trainer import remote

    try:
        if remote.is_remote(uri):
            with remote.fetched(uri) as local:
                _run_local(RunDir.at(str(local)))
        else:
            _run_local(RunDir.at(uri))
    except RunLocked as error:
        print(error, file=sys.stderr)
        return LOCKED
    except (OptionError, RunError) as error:
        print(error, file=sys.stderr)
        return BAD_RUN
    return 0


def _run_local(run: RunDir) -> None:
    from training_bridge.trainer import dpo, evaluate, grpo, models, sft
    from training_bridge.trainer.progress import Board

    methods = {
        "sft": sft.run_sft,
        "dpo": dpo.run_dpo,
        "grpo": grpo.run_grpo,
        "evaluate": evaluate.run_evaluate,
    }
    with run.locked(), Board(run).watching() as board:
        board.update(message="starting")
        config = run.config()
        models.set_up_torch()
        methods[config.method](run, config, board)


def serve_models(given: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C. Exit status 1 where the port is taken or the token is missing."""
    from training_bridge.trainer.server import Engine, make_server

    token = given.token_file.read_text("utf-8").strip() if given.token_file.is_file() else ""
    if not token:
        print(f"{given.token_file} holds no token", file=sys.stderr)
        return 1
    engine = Engine()
    try:
        server = make_server(given.port, token, engine, given.host)
    except OSError as error:
        print(f"port {given.port}: {error}", file=sys.stderr)
        return 1

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever()
    server.server_close()
    engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
