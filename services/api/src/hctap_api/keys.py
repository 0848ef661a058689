"""`hctap-api keys`: make, list, revoke and rotate the keys of the API."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hctap_core.permissions import ApiKey, Permission, Role
from hctap_stores.database import keys, revisions
from hctap_stores.database.connection import Database

Write = Callable[[str], None]
_HELD_AS: Final = "HCTAP_API_KEY="


def make_parser() -> argparse.ArgumentParser:
    """The command line of `hctap-api`."""
    parser = argparse.ArgumentParser(prog="hctap-api", description="Serve the API, or manage its keys.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="Serve the API (what happens without a command).")
    actions = commands.add_parser("keys", help="Manage the keys.").add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="Make a key and show it, this once.")
    create.add_argument("--name", required=True, help="Whose key it is.")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--days", type=_days, help="How long it is valid; without it, until it is revoked.")
    create.add_argument(
        "--scope", action="append", choices=[permission.value for permission in Permission], metavar="PERMISSION",
        help="Only this of what the role may do; can be given more than once.",
    )  # fmt: skip
    keep = actions.add_parser("keep", help="See that a file holds a valid key, for a program that reads it.")
    keep.add_argument("--name", required=True, help="Whose key it is.")
    keep.add_argument("--role", required=True, choices=[role.value for role in Role])
    keep.add_argument("--file", required=True, type=Path, help="The file, with the line HCTAP_API_KEY=KEY.")
    keep.add_argument("--bare", action="store_true", help="The key alone in the file, without a name before it.")
    actions.add_parser("list", help="List the keys.")
    actions.add_parser("revoke", help="Let a key be valid no more.").add_argument("key_id")
    rotate = actions.add_parser("rotate", help="Make a key for another one, which is revoked.")
    rotate.add_argument("key_id")
    rotate.add_argument("--days", type=_days, help="How long the new one is valid; without it, as long as the old one.")
    return parser


def manage_keys(given: argparse.Namespace, database_url: str, write: Write) -> None:
    """Do what a command of `keys` says.

    Raises:
        KeyNotFound: If there is no such key.
        StoreUnavailable: If the database does not answer.
    """
    with Database(database_url, application="hctap-api") as database:
        revisions.require(database)
        if given.action == "create":
            scopes = None if given.scope is None else [Permission(scope) for scope in given.scope]
            role, ends = Role(given.role), _ends(given.days)
            show_new(keys.create_key(database, given.name, role, scopes=scopes, expires_at=ends), write)
        elif given.action == "keep":
            made = keep_key(database, given.name, Role(given.role), given.file, "" if given.bare else _HELD_AS)
            write(f"{given.file} holds {'a new' if made else 'its'} key.")
        elif given.action == "rotate":
            show_new(keys.rotate_key(database, given.key_id, expires_at=_ends(given.days)), write)
        elif given.action == "revoke":
            revoked = keys.revoke_key(database, given.key_id)
            write(f"{revoked.key_id} ({revoked.name}) is revoked; within seconds it opens nothing any more.")
        else:
            for key in keys.list_keys(database):
                write(_line(key))


def keep_key(database: Database, name: str, role: Role, file: Path, held_as: str = _HELD_AS) -> bool:
    """See that a file holds a key that is valid in this database, and says whether a new one had to be made."""
    held = file.read_text(encoding="ascii").strip() if file.is_file() else ""
    now = datetime.now(UTC)
    for key in keys.list_keys(database):
        is_valid = key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
        if is_valid and key.role is role and held.startswith(f"{held_as}{keys.PREFIX}_{key.key_id}_"):
            return False
    new = keys.create_key(database, name, role)
    draft = file.with_name(f".{file.name}.new")
    draft.touch(mode=0o600)
    draft.write_text(f"{held_as}{new.token}\n", encoding="ascii")
    draft.replace(file)
    return True


def show_new(new: keys.NewKey, write: Write) -> None:
    """Show a new key, with what it may."""
    write(_line(new.key))
    write(f"{new.token}\nThis is shown once. Send it as `Authorization: Bearer KEY`.")


def _line(key: ApiKey) -> str:
    state = "revoked" if key.revoked_at else "valid"
    if not key.revoked_at and key.expires_at:
        state = f"until {key.expires_at:%Y-%m-%d %H:%M}Z" if key.expires_at > datetime.now(UTC) else "expired"
    scopes = "" if key.scopes is None else f"  only {', '.join(key.scopes)}"
    return f"{key.key_id}  {key.role:<8}  {state:<24}  {key.name}{scopes}"


def _ends(days: float | None) -> datetime | None:
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


def _days(text: str) -> float:
    days = float(text)
    if not 0 < days <= 36_500:  # noqa: PLR2004 - a hundred years
        raise argparse.ArgumentTypeError("give a number of days above 0")
    return days
