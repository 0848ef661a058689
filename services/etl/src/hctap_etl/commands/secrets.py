"""`hctap-etl secrets`: the passwords and certificates of a stack of containers."""

from pathlib import Path
from typing import Annotated

import typer

from hctap_etl.program import Program

app = typer.Typer(help="Make the passwords of a stack of containers.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Make the passwords of a stack of containers."""


@app.command()
def make(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the volumes postgres, redis and stores are mounted.")
    ],
    *,
    tls: Annotated[
        bool, typer.Option("--tls", help="Make certificates as well, and addresses that ask for them.")
    ] = False,
) -> None:
    """Make the passwords that are missing and the addresses that hold them; safe to give twice."""
    from hctap_etl.certificates import make_certificates
    from hctap_etl.passwords import make_passwords

    program: Program = context.obj
    is_new = make_passwords(folder, is_tls=tls)
    if tls:
        is_new = make_certificates(folder) or is_new
    program.out.print("Secrets were made." if is_new else "All secrets are there.", highlight=False)
