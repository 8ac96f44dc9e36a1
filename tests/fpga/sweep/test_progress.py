from codesign.fpga.sweep.progress import SweepProgress


def test_a_file_gets_a_line_now_and_then(capsys):
    with SweepProgress(shown=True, unit="designs", again_s=0.0) as bar:
        task = bar.add_task("search", total=1200)
        bar.update(task, completed=1100, description="search, 2 workers")
    assert "search, 2 workers: 1,100 of 1,200 designs" in capsys.readouterr().err.splitlines()


def test_or_nothing(capsys):
    for options in ({"shown": False, "again_s": 0.0}, {"shown": True}):
        with SweepProgress(**options) as bar:
            task = bar.add_task("sweep", total=2)
            bar.update(task, completed=1)
        assert "1 of 2" not in capsys.readouterr().err
