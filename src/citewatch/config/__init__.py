"""config.toml: into frozen settings, and edits that keep everything else as it is."""

from citewatch.config.addresses import database_password, resolve_database_url
from citewatch.config.credentials import daemon_secrets, notify_secrets, secrets
from citewatch.config.edits import (
    add_papers,
    give_keys,
    ignore_key,
    remove_paper,
    set_claims,
    stop_ignoring,
)
from citewatch.config.files import read_config, write_config
from citewatch.config.initial import initial_config
from citewatch.config.load import find_config, load_settings, settings_from_text
from citewatch.config.settings import (
    Backup,
    Daemon,
    ListFile,
    Milestones,
    Notify,
    Settings,
    SourceSettings,
    Watchlist,
    Web,
)

__all__ = [
    "Backup",
    "Daemon",
    "ListFile",
    "Milestones",
    "Notify",
    "Settings",
    "SourceSettings",
    "Watchlist",
    "Web",
    "add_papers",
    "daemon_secrets",
    "database_password",
    "find_config",
    "give_keys",
    "ignore_key",
    "initial_config",
    "load_settings",
    "notify_secrets",
    "read_config",
    "remove_paper",
    "resolve_database_url",
    "secrets",
    "set_claims",
    "settings_from_text",
    "stop_ignoring",
    "write_config",
]
