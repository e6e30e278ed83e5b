"""Every command that a document shows can be given, and every link leads somewhere."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Sequence

import pytest
import yaml

from core.__main__ import COMMANDS
from core.__main__ import build_parser as core_parser
from core.readers import DATASET_FORMATS, RUN_FORMATS
from tests.documents.reading import DOCUMENTS, ROOT, anchors, commands, links, text_of
from training.__main__ import COMMANDS as TRAINING_COMMANDS
from training.__main__ import build_parser as training_parser
from training.systems import SYSTEMS

SHOWN = [(name, words) for name in DOCUMENTS for words in commands(text_of(name))]
PARSERS = {"core": core_parser(), "training": training_parser()}
TARGETS = set(re.findall(r"^(\w+):", text_of("Makefile"), re.MULTILINE))


def check_python(module: str, arguments: Sequence[str]) -> None:
    """A module of ours that is there, with options that it knows; files of tests that are there."""
    if module in PARSERS:
        PARSERS[module].parse_args(arguments)
    elif module == "pytest":
        paths = [word for word in arguments if word.startswith("tests")]
        assert all((ROOT / path.split("::")[0]).exists() for path in paths)
    elif module.split(".")[0] == "tests":
        assert importlib.util.find_spec(module)


@pytest.mark.parametrize(
    ("document", "words"), SHOWN, ids=[f"{name}: {' '.join(words)}" for name, words in SHOWN]
)
def test_a_command_can_be_given(document, words):
    match words:
        case ["python" | ".venv/bin/python", "-m", module, *arguments]:
            check_python(module, arguments)
        case ["make", *targets]:
            assert set(targets) <= TARGETS
        case ["streamlit" | ".venv/bin/streamlit", "run", script, *options]:
            assert (ROOT / script).is_file()
            check_streamlit(options)


def check_streamlit(options: Sequence[str]) -> None:
    from streamlit.config import get_config_options

    named = {word.removeprefix("--").split("=")[0] for word in options if word.startswith("--")}
    assert named <= set(get_config_options())


def test_a_wrong_option_would_be_seen():
    with pytest.raises(SystemExit):
        check_python("core", ["scores", "--no-such-option"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    folder = (ROOT / document).parent
    for link in links(text_of(document)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (folder / path).resolve() if path else ROOT / document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("command", [*COMMANDS, *TRAINING_COMMANDS])
def test_the_readme_names_every_command(command):
    assert re.search(rf"(?<![\w-]){command}(?![\w-])", text_of("README.md"))


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_readme_names_every_system(system):
    assert f"| `{system}` |" in text_of("README.md")


@pytest.mark.parametrize("name", [*DATASET_FORMATS, *RUN_FORMATS])
def test_the_readme_names_every_format(name):
    assert re.search(rf"--format {name}\b", text_of("README.md"))


def test_the_readme_links_every_page_of_documents():
    linked = set(links(text_of("README.md")))
    assert {name for name in DOCUMENTS if name.startswith("docs/")} <= linked


def test_the_readme_stays_short():
    assert len(text_of("README.md").splitlines()) <= 290


def test_the_container_starts_what_there_is():
    *_, line = (line for line in text_of("Dockerfile").splitlines() if line.startswith("CMD "))
    _, _, script, *options = json.loads(line.removeprefix("CMD "))
    assert (ROOT / script).is_file()
    check_streamlit(options)
    service = yaml.safe_load(text_of("compose.yaml"))["services"]["overlook"]
    assert service["ports"] == ["127.0.0.1:8501:8501"]
    assert "results:/overlook/results" in service["volumes"]
    _, kept = re.search(
        r"^ENV (NUMBA_CACHE_DIR)=(.*)$", text_of("Dockerfile"), re.MULTILINE
    ).groups()
    assert f"compiled:{kept}" in service["volumes"]
