"""The command line. Exit code 0: done; 1: the work failed; 2: it was asked for wrongly. Errors are one line on stderr."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from index.errors import SanadError, UsageError
from qa.plain import printable

_COMMANDS = {
    "ask": "qa.commands:ask",
    "check": "qa.commands:check",
    "eval": "qa.evaluation.commands:evaluate_command",
    "gold": "qa.evaluation.gold_commands:gold",
    "index": "qa.commands:index_command",
    "mcp": "qa.serving.commands:mcp_command",
    "search": "qa.commands:search",
    "serve": "qa.serving.commands:serve_command",
    "ui": "qa.ui_command:ui",
    "verify": "qa.commands:verify",
}


class _Sanad(click.Group):
    """Turns the errors a user can act on into one line and an exit code; imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SanadError as error:
            click.echo(f"sanad: {printable(' '.join(str(error).split()))}", err=True)
            ctx.exit(2 if isinstance(error, UsageError) else 1)
        except (KeyboardInterrupt, ImportError) as error:
            if not _is_interrupt(error):
                raise
            click.echo("sanad: interrupted; what was there before is unchanged, run the same command again", err=True)
            ctx.exit(130)
        except BrokenPipeError:  # the reader of our output went away, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)


def _is_interrupt(error: BaseException) -> bool:
    """Ctrl-C, or what an extension module makes of one that comes while it is initialised: pybind11, in which OpenVINO is
    written, raises an ImportError with the interrupt as its cause."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)


@click.group(cls=_Sanad, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sanad")
def main() -> None:
    """Answers over a collection of articles; every sentence rests on one exact line of a source."""


if __name__ == "__main__":
    main()
