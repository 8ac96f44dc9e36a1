import re

import pytest
import yaml

from codesign.errors import CodesignError, ConfigError, DataError
from codesign.project import read_project

GOOD = {
    "name": "test",
    "data": {"source": "jets_hlf"},
    "model": {"train": {"method": "qkeras", "hidden": [8], "qkeras": {"epochs": 1}}},
    "grid": {"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"], "reuse_factors": [1]},
    "hardware": {"part": "xcvu9p", "clock_period_ns": 2.5},
    "budget": {"lut": 1000},
}


@pytest.fixture
def project(tmp_path):
    def write(**changes):
        content = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
        (tmp_path / "project.yml").write_text(yaml.safe_dump(content))
        return tmp_path

    return write


def test_good_project(project):
    config = read_project(project())
    assert (config.grid.weights, config.grid.part, config.grid.clock_period_ns) == ((4,), "xcvu9p", 2.5)
    train = config.model.train
    assert config.budget.lut == 1000 and train.hidden == (8,) and train.of("qkeras") == {"epochs": 1}
    assert read_project(project() / "project.yml") == config


def test_a_part_can_be_declared(project):
    capacity = {"lut": 1000, "ff": 2000, "dsp": 10, "bram_18k": 4}
    assert read_project(project(hardware={"part": "mine", "capacity": capacity})).grid.capacity == capacity


def test_relative_paths_start_at_the_project(project):
    config = read_project(project(data={"source": "events.npz"}, model={"path": "tagger.h5"}))
    assert config.model.path == config.directory / "tagger.h5"
    config = read_project(project(model={"train": {"teacher": "forest.skops"}}))
    assert config.model.train.teacher == str(config.directory / "forest.skops")


def test_the_best_method_and_detector_words_are_what_is_done_where_nothing_is_said(project):
    config = read_project(project(model=None, data={"source": "jets_hlf"}))
    assert config.model.train.methods == ("tables", "posterior") and config.model.train.teacher == "ensemble"
    assert config.data.words == 12 and config.data.standardize is None
    assert read_project(project(data={"source": "jets_hlf", "standardize": True})).data.words is None
    assert read_project(project(model={"path": "tagger.h5"})).data.words is None
    methods = read_project(project(model={"train": {"method": ["posterior", "qkeras"], "teacher": "none"}})).model.train
    assert methods.methods == ("posterior", "qkeras") and methods.teacher is None


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"grdi": {}}, "unknown key 'grdi' .did you mean 'grid'"),
        ({"budget": {"luts": 3}}, "budget: unknown key 'luts' .did you mean 'lut'"),
        ({"grid": {"weight": [4]}}, "grid: unknown key 'weight' .did you mean 'weights'"),
        ({"grid": {"weights": []}}, "grid: weights: expected a list with at least one value"),
        ({"grid": {"weights": ["ap_fixed<8>"]}}, "grid: weights: precision"),
        ({"grid": {"implementations": ["unroled"]}}, "did you mean 'unrolled'"),
        ({"model": {"train": {"epochs": 0}}}, "model.train.epochs: expected a whole number from 1"),
        ({"model": {"train": {"sparsity": 0.5}}}, "as model.train.qkeras.sparsity. Received: it stands alone"),
        ({"model": {"train": {"method": "posteriour"}}}, "did you mean 'posterior'"),
        (
            {"model": {"train": {"method": "drone", "teacher": None}}},
            "model.train.teacher: expected one for the method",
        ),
        ({"model": {"train": {"method": []}}}, "model.train.method: expected each of them once"),
        ({"model": {"train": {"qkeras": {"epochs": 3}}}}, "name it in model.train.method too"),
        ({"model": {"train": {"method": "qkeras", "qkeras": {"epoch": 3}}}}, "qkeras: unknown key 'epoch' .did you"),
        ({"model": {"train": {"hidden": [8.5]}}}, "model.train.hidden"),
        ({"model": {"train": {"method": "qkeras", "qkeras": {"epochs": "x"}}}}, "qkeras.epochs: expected a whole"),
        ({"data": {"source": "jets_hlf", "words": 12, "standardize": True}}, "expected one of them"),
        ({"data": {"source": "jets_hlf", "words": True}}, "data.words: expected a number of bits, free, false, or"),
        ({"data": {"source": "jets_hlf", "words": 99}}, "data.words: expected a whole number from 1 to 32"),
        ({"metrics": [["auc"]]}, "metrics: expected a text"),
        ({"model": {}}, "model: expected either train or path"),
        ({"model": {"train": {"hidden": [8]}, "path": "a.h5"}}, "model: expected either train or path"),
        ({"data": None}, "data: expected a mapping"),
        ({"data": {}}, "data: expected the key 'source'"),
        ({"hardware": {"backend": "Vitus"}}, "did you mean 'Vitis'"),
        ({"hardware": {"clock_period_ns": -1}}, "clock_period_ns: expected a number from 0.01"),
        ({"budget": {"lut": -5}}, "budget.lut: expected a number that is not negative"),
        ({"budget": {"min_accuracy": 65}}, "min_accuracy: expected a share between 0 and 1"),
        ({"hardware": {"part": "xcvu99p"}}, "grid: part: expected a part .* declare them: hardware.capacity"),
        ({"hardware": {"part": "10AX115N2F45E1SG"}}, "hardware.part: expected an AMD part for the backend Vitis"),
        (
            {"hardware": {"part": "mine", "capacity": {"lut": 100}}},
            "grid: capacity: expected lut and ff .* Missing: ff",
        ),
        ({"hardware": {"part": "mine", "capacity": 100}}, "grid: capacity: expected a mapping"),
        ({"seed": True}, "seed: expected a whole number"),
    ],
)
def test_bad_projects_are_one_clear_line(project, changes, message):
    with pytest.raises(CodesignError, match=message) as error:
        read_project(project(**changes))
    assert "\n" not in str(error.value)


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(DataError, match="expected a folder with a project.yml"):
        read_project(tmp_path)
    (tmp_path / "project.yml").write_text("name: [unclosed")
    with pytest.raises(ConfigError, match="expected YAML"):
        read_project(tmp_path)
    (tmp_path / "project.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        read_project(tmp_path)


@pytest.mark.parametrize("number", [".nan", ".NaN", ".inf", "-.Inf", "+.INF"])
@pytest.mark.parametrize("place", ["budget: {{lut: {}}}", "hardware: {{clock_period_ns: {}}}", "seed: {}"])
def test_a_number_that_is_not_finite_is_said_with_its_line(number, place, tmp_path):
    (tmp_path / "project.yml").write_text(f"data: {{source: jets_hlf}}\n{place.format(number)}\n")
    with pytest.raises(ConfigError, match=re.escape(f"line 2: {number}, where only finite numbers can be")):
        read_project(tmp_path)
