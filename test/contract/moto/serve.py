"""Runs moto's server for as long as its standard input stays open: whoever started it may die without stopping it."""

import os
import sys
import threading

from moto.server import main


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
main(sys.argv[1:])
