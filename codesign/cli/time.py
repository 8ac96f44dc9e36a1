"""`codesign time MODEL [MODEL ...]`: networks on every CPU runtime that is installed."""

import argparse
from pathlib import Path

from codesign.cli.early import check_exists
from codesign.cli.input_shape import add_input_shape_option, input_shapes
from codesign.cli.json_option import add_json_option

_EXAMPLES = """examples:
  codesign time model.h5
  codesign time dense.h5 sparse.h5 --runtimes litert cpp --batches 1 10000
  codesign time net.json --repeats 40 --threads 4 --json times.json --plot times.svg

MODEL is any file that `codesign inspect` reads: Keras, QKeras, HGQ, hls4ml, ONNX, torch.export, TFLite, skops, lwtnn.
Runtimes: keras (model(x)), keras-predict, litert (TFLite, XNNPACK), litert-int8, onnxruntime, openvino, emlearn, json
(the generic C++ reader), cpp (generated C++), cpp-integer (generated integers of a network with fixed-point types). All
that are installed and can evaluate the network are timed; --list says which are not, and why. Each runs in a process of
its own, all in turn in every repeat. What is timed is the call of the runtime's own C or C++ API where it has one, on
random events that are already in place, not Python's overhead; the column "call" says which it was. The outputs are
compared with MODEL's own: a difference beyond the rounding of single precision is an error, but for litert-int8,
cpp-integer and emlearn.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "time",
        help="time networks on every CPU runtime that is installed",
        description="Time networks on CPU runtimes side by side: ns per event, by events per call.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "models", metavar="MODEL", nargs="*", help="file or folder of a model, told apart by its content"
    )
    parser.add_argument("--batches", type=int, nargs="+", metavar="N", help="events per call (default: 1 1000 100000)")
    parser.add_argument(
        "--runtimes", nargs="+", metavar="NAME", help="some of them, the first is the reference (default: all)"
    )
    parser.add_argument("--repeats", type=int, default=15, metavar="N", help="samples of each runtime (default: 15)")
    parser.add_argument(
        "--threads", type=int, default=1, metavar="N", help="for runtimes that can use several (default: 1)"
    )
    add_input_shape_option(parser)
    add_json_option(parser, "also write the times as JSON")
    parser.add_argument("--plot", metavar="PATH", help="also draw them: PATH.svg and PATH.png")
    parser.add_argument("--list", action="store_true", help="only list the runtimes, and why one is missing")
    parser.set_defaults(run=_run, early=_check)


def _check(options: argparse.Namespace) -> None:
    """Check what needs no network."""
    from codesign.cpu import BATCHES
    from codesign.cpu.catalogue import choose
    from codesign.cpu.time_networks import check_timing
    from codesign.errors import ConfigError

    if options.list:
        return
    if not options.models:
        raise ConfigError("MODEL: expected at least one. Received: none; see codesign time --help")
    _named(options.models)
    check_timing(options.batches or BATCHES, repeats=options.repeats, threads=options.threads)
    choose(options.runtimes)
    input_shapes(options)
    for path in options.models:
        check_exists(path, "MODEL", "the file or folder of a model")


def _run(options: argparse.Namespace) -> None:
    from rich.console import Console

    from codesign.cpu import BATCHES, runtimes, time_networks
    from codesign.export.load import load_source
    from codesign.network.summary import size_text
    from codesign.report.cpu_times import make_rows, print_times, save_plot, write_times

    if options.list:
        print("\n".join(f"{name}: {reason or 'here'}" for name, reason in runtimes().items()))
        return
    models = {
        name: load_source(path, input_shapes=input_shapes(options)) for name, path in _named(options.models).items()
    }
    settings = {"batches": options.batches or BATCHES, "repeats": options.repeats, "threads": options.threads}
    with Console(stderr=True).status("start") as status:
        timings = time_networks(models, runtimes=options.runtimes, progress=status.update, **settings)
    rows = make_rows(timings)
    live = {name: f"{one.network.n_weights:,} weights that are not 0" for name, one in models.items()}
    sizes = {name: f"{size_text(one.network)}, {live[name]}" for name, one in models.items()}
    print_times(rows, sizes)
    if options.json:
        write_times(options.json, rows, settings=settings)
    if options.plot:
        save_plot(rows, options.plot)


def _named(paths: list[str]) -> dict[str, str]:
    """Paths by the shortest name that tells their files apart."""
    from codesign.errors import ConfigError

    if len(set(paths)) < len(paths):
        raise ConfigError(f"MODEL: expected each file once. Received: {' '.join(paths)}")
    stems = [Path(path).stem for path in paths]
    return dict(zip(stems if len(set(stems)) == len(stems) else paths, paths))
