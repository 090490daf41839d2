"""The program that is left alone for years: it looks what is due, asks, and tells how it is.

The only users of APScheduler and of prometheus-client.
"""

from citewatch.daemon.logs import Log, open_log
from citewatch.daemon.main import Daemon, run_daemon
from citewatch.daemon.monitor import listen

__all__ = ["Daemon", "Log", "listen", "open_log", "run_daemon"]
