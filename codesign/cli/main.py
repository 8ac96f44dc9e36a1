"""`codesign`: the entry point. TensorFlow and the like are imported by the subcommand that needs them."""

import argparse
import re
import sys
from collections.abc import Sequence

from codesign._version import __version__
from codesign.cli import (
    compare,
    doctor,
    drone,
    estimate,
    export,
    failures,
    forest,
    inspect,
    plan,
    redesign,
    reproduce,
    sweep,
    synthesize,
    time,
)
from codesign.cli.early import check_options
from codesign.cli.json_option import json_on_standard_output
from codesign.cli.option_names import with_options
from codesign.cli.plain_characters import use_plain_characters
from codesign.errors import CodesignError

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status: 0 fine, 1 an error of one line, 2 usage, 130 interrupted."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if sys.stdout is None:
        failures.say("standard output is closed; give it a file, or /dev/null")
        return 1
    use_plain_characters(sys.stdout)
    status = None
    try:
        try:
            status = _run(arguments)
        finally:
            sys.stdout.flush()
    except OSError as error:
        failures.discard(sys.stdout)
        if status is None and not isinstance(error, BrokenPipeError):
            failures.say(f"standard output: {error.strerror or error}")
    return 1 if status is None else status


def _run(arguments: Sequence[str]) -> int:
    parser, commands = _parsers()
    options = parser.parse_args(arguments)
    try:
        with json_on_standard_output(options), failures.assumptions_as_lines():
            check_options(options)
            return options.run(options) or 0
    except CodesignError as error:
        known = re.findall(r"--[a-z0-9-]+", commands[options.command].format_usage())
        given = [word for word in arguments if not word.startswith("-")]
        failures.say(with_options(str(error), known, options.other_names, given=given))
    except KeyboardInterrupt:
        failures.say(f"interrupted; the same command {'goes on from here' if options.resumes else 'starts anew'}")
        return _INTERRUPTED
    except BrokenPipeError:
        raise
    except OSError as error:
        failures.say(failures.of_the_system(error, options))
    except MemoryError:
        failures.say("not enough memory; give it less data, or fewer processes (--jobs 1)")
    except Exception as error:
        failures.say(failures.unexpected(error, options, list(arguments)))
    return 1


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Return the parser of all words, and by command the parser of its own."""
    parser = argparse.ArgumentParser(
        prog="codesign", description="From a Keras model.fit to a verified FPGA design, bit for bit."
    )
    parser.set_defaults(resumes=False, other_names={}, early=None, writes=())
    parser.add_argument("--version", action="version", version=f"codesign {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    for module in (
        synthesize,
        plan,
        estimate,
        sweep,
        redesign,
        compare,
        drone,
        forest,
        inspect,
        export,
        time,
        reproduce,
        doctor,
    ):
        module.add_parser(commands)
    return parser, commands.choices


if __name__ == "__main__":
    sys.exit(main())
