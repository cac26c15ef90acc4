"""How a worker is told that there is something to do. Names, not imports: the ledger does not know its own Celery doors."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(name: str, *args: object, queue: str = "interactive") -> None:
    """Send the message `name`, without waiting for a broker that is down: the sweep sends it again."""
    try:
        current_app.send_task(name, args=args, queue=queue, retry=False)
    except OperationalError as error:
        logger.warning("the broker did not take %s: %s", name, error)
