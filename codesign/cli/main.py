"""`codesign`: the entry point. TensorFlow and the like are imported by the subcommand that needs them."""

import argparse
import sys
from collections.abc import Sequence

from codesign._version import __version__
from codesign.cli import compare, doctor, drone, export, reproduce, synthesize, time
from codesign.cli.json_option import json_on_standard_output
from codesign.errors import CodesignError

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status: 0 fine, 1 an error of one line, 2 usage, 130 interrupted."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        with json_on_standard_output(options):
            return options.run(options) or 0
    except CodesignError as error:
        print(f"codesign: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"codesign: interrupted; the same command {'goes on from here' if options.resumes else 'starts anew'}", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="codesign", description="From a Keras model.fit to a verified FPGA design, bit for bit.")
    parser.set_defaults(resumes=False)
    parser.add_argument("--version", action="version", version=f"codesign {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (synthesize, compare, drone, export, time, reproduce, doctor):
        module.add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
