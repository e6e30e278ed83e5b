"""What the sources never do: unpickle, build SQL from values, ask the network, offer the server."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    ROOT / "Home.py",
    *(
        path
        for room in ("core", "pages", "training")
        for path in sorted((ROOT / room).rglob("*.py"))
    ),
]
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "cloudpickle"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "unsafe_load"}
# library call -> the keyword that keeps it from running what is in a file, and its value
SAFE_KEYWORDS = {
    "torch.load": ("weights_only", True),
    "np.load": ("allow_pickle", False),
    "numpy.load": ("allow_pickle", False),
    "np.save": ("allow_pickle", False),
    "load_model": ("safe_mode", True),
}
CARELESS = {"shell", "allow_pickle", "unsafe_allow_html"}
NETWORK_MODULES = {
    *("requests", "httpx", "aiohttp", "urllib3", "http", "ftplib", "smtplib", "huggingface_hub"),
    *("urllib.request", "websocket", "websockets"),
}
MOST_UPLOADED = 200  # MB of one file
# asks only how this machine calls itself
SOCKET_CALLS = {"gethostname"}
HOSTS = {"github.com", "download.pytorch.org", "dl.fbaipublicfiles.com"}
DOWNLOADS = {"safe_download", "download_url_to_file", "download_pretrained"}


def identity(path: object) -> str:
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else str(path)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.AST) -> str:
    """Return "a.b" of a call a.b(…) or x.a.b(…), "b" of b(…), and "" of anything else."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Name):
        return node.func.id
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value
        name = getattr(owner, "id", getattr(owner, "attr", ""))
        return f"{name}.{node.func.attr}"
    return ""


def imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def unsafe(module: ast.Module) -> Iterator[str]:
    """Yield what could run code that came in a file."""
    yield from (name for name in imported(module) if name.split(".")[0] in UNSAFE_MODULES)
    for node in ast.walk(module):
        name = called(node)
        bare, last = "." not in name, name.rpartition(".")[2]
        if name and (name in UNSAFE_CALLS if bare else name in {"os.system", "os.popen"}):
            yield f"{name} in line {node.lineno}"
        for call, (keyword, value) in SAFE_KEYWORDS.items():
            if name == call or ("." not in call and last == call):
                given = {each.arg: each.value for each in node.keywords}.get(keyword)
                if not (isinstance(given, ast.Constant) and given.value is value):
                    yield f"{name} without {keyword}={value} in line {node.lineno}"
        for each in getattr(node, "keywords", ()):
            value = getattr(each.value, "value", None)
            if each.arg in CARELESS and value is True:
                yield f"{each.arg}={value} in line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=identity)
def test_nothing_that_comes_in_a_file_is_run(path):
    assert list(unsafe(tree(path))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path)",
        "keras.models.load_model(path)",
        "keras.models.load_model(path, safe_mode=False)",
        "eval(text)",
        "os.system(text)",
        "subprocess.run(text, shell=True)",
        "st.markdown(text, unsafe_allow_html=True)",
    ],
)
def test_the_rule_sees_what_it_should(source):
    assert list(unsafe(ast.parse(source)))


# --- SQL -------------------------------------------------------------------------------------

ASKS = {"execute", "executemany", "sql", "query"}


def spliced(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield function and expression of all that is put into the text of SQL in a call."""
    functions = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for function in functions:
        for node in ast.walk(function):
            if called(node).rpartition(".")[2] in ASKS and node.args:
                yield from ((function.name, each) for each in pieces(node.args[0]))


def pieces(text: ast.expr) -> Iterator[str]:
    if isinstance(text, ast.JoinedStr):
        for part in text.values:
            if isinstance(part, ast.FormattedValue):
                yield ast.unparse(part.value)
    elif isinstance(text, ast.BinOp):
        yield from (*pieces(text.left), *pieces(text.right))
    elif isinstance(text, ast.Call) and called(text).endswith((".format", ".join", ".replace")):
        yield ast.unparse(text)


# What may stand in the text of SQL: names of our own tables and columns, question marks, a folder
# of the server's own that ATTACH takes no parameter for. Never what came from a file or a visitor.
OWN_NAMES = {
    *("table", "where", "change", "names", "images", "question", "database", "name", "options"),
    *("quoted(copy)", "quoted(self._path)", "', '.join(names)", "', '.join('?' * len(names))"),
    *("', '.join(row)", "', '.join((f'${name}' for name in row))"),
}


@pytest.mark.parametrize("path", SOURCES, ids=identity)
def test_values_reach_sql_only_as_parameters(path):
    found = {expression for _, expression in spliced(tree(path))}
    assert found <= OWN_NAMES, f"{found - OWN_NAMES} in the text of SQL"


@pytest.mark.parametrize(
    "text", ["f'SELECT {value}'", "'SELECT ' + f'{value}'", "'SELECT {}'.format(value)"]
)
def test_the_rule_sees_values_in_sql(text):
    module = ast.parse(f"def ask(cursor, value):\n    cursor.execute({text})")
    assert {expression for _, expression in spliced(module)} - OWN_NAMES


# --- the network -----------------------------------------------------------------------------


def outward(module: ast.Module) -> Iterator[str]:
    """Yield what could ask the network, outside functions named `download`."""
    yield from (name for name in imported(module) if name in NETWORK_MODULES)
    inside = {
        id(node)
        for function in ast.walk(module)
        if isinstance(function, ast.FunctionDef) and function.name == "download"
        for node in ast.walk(function)
    }
    for node in ast.walk(module):
        name = called(node)
        owner, _, last = name.rpartition(".")
        if owner == "socket" and last not in SOCKET_CALLS:
            yield f"{name} in line {node.lineno}"
        if last in DOWNLOADS and id(node) not in inside:
            yield f"{name} in line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=identity)
def test_only_functions_named_download_ask_the_network(path):
    assert list(outward(tree(path))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "from urllib.request import urlopen",
        "socket.create_connection(address)",
        "def fit(): torch.hub.download_url_to_file(address, path)",
    ],
)
def test_the_rule_sees_requests(source):
    assert list(outward(ast.parse(source)))


def test_addresses_of_weights_are_written_down_and_encrypted():
    rooms = [path for path in SOURCES if "stages" in path.parts]
    constants = [
        node.value
        for path in rooms
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "://" in node.value
    ]
    hosts = {each.split("://")[1].split("/")[0] for each in constants if each.startswith("http")}
    assert hosts == HOSTS
    assert not [each for each in constants if each.startswith("http://")]


# --- the server ------------------------------------------------------------------------------


def test_the_server_is_for_this_machine_and_tells_nobody():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert set(settings["server"]["allowedHosts"]) == {"localhost", "127.0.0.1", "::1"}
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["server"]["maxUploadSize"] <= MOST_UPLOADED
    careless = {"enableCORS", "enableXsrfProtection", "enableStaticServing", "enableAgentApi"}
    assert not careless & set(settings["server"])


def test_what_starts_the_server_leaves_its_address_alone():
    for name in ("Makefile", ".ci/run"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "server.address" not in text
        assert "0.0.0.0" not in text
