"""Imports run downward only, without circles, and Ultralytics stays in training."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: Every package may import those named after it, and itself; the ground floor is open to all.
FLOORS = {
    "common": set(),
    "store": {"common"},
    "models": {"common"},
    "calibration": {"common"},
    "vision": {"common", "models", "calibration"},
    "services": {"common", "store", "models", "calibration", "vision"},
    "web": {"common", "store", "models", "calibration", "vision", "services"},
    "cli": {"common", "store", "models", "calibration", "vision", "services", "web"},
}
#: What a shop runs needs nothing of training, but the demo draws its clips with it, and a
#: stylist of its own learns from its looks.
USES_TRAINING = (
    "cli", "services.bench", "services.demo", "services.evaluation", "services.outfits.site_looks"
)  # fmt: skip
#: Commands that use the web: those that start its server, and the privacy record, which reads the
#: permissions of its views.
USES_WEB = {"cli.site", "cli.demo", "cli.headless", "cli.privacy"}
#: Functions that limit threads of their whole process: entry points of commands and workers.
LIMITS_THREADS = {
    "cli.evaluate.evaluate",
    "cli.train.train",
    "models.training.data.in_processes",
    "models.training.detector.pool.__init__",
    "models.training.detector.standalone.main",
    "models.training.embedder.rendering._run_worker",
}
#: Tests of no single module: of pages in a browser, of the API, of several parts at once.
ACROSS = {
    "models/training/export",  # both models, from training to installed weights
    "models/training/stopped",  # any training, by signals
    "services/catalogue/formats",  # feeds of every format, through one reader
    "services/watching/shape",  # a picture of another shape, in session, watcher and film
    "store/database_address",  # what shows no password: messages and pages
    "store/variants_migration",  # one migration that moves rows
    "vision/sources/rtsp",  # a real RTSP server
    "vision/sources/rtsp_password",
    "web/accessibility",
    "web/calibrate_masks",
    "web/cameras",
    "services/watching/cameras_followed",
    "web/doors_printed",
    "web/hostile",
    "web/import",
    "web/kiosk",  # a script that every screen runs
    "web/left_behind",
    "web/pages",
    "web/proxy_browser",
    "web/proxy_servers",
    "web/recommend",
    "web/requests",
}


def modules() -> dict[str, Path]:
    """All modules of the program by their dotted name."""
    found = {}
    for package in FLOORS:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imports(path: Path, late: bool = True) -> frozenset[str]:
    """Dotted names that a file imports; without `late`, only while it is imported itself."""
    tree = parse(path)
    names = set()
    for node in ast.walk(tree) if late else _at_import(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name for name in inner if name in MODULES}
            if inner - set(MODULES):
                names.add(node.module)
    return frozenset(names)


def _at_import(tree: ast.AST) -> list[ast.AST]:
    """Nodes that run on import: no function's body, and nothing that only types need."""
    nodes: list[ast.AST] = []
    for node in ast.iter_child_nodes(tree):
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not typing_only and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes += [node, *_at_import(node)]
    return nodes


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_run_downward_only(floor: str) -> None:
    for name, path in MODULES.items():
        if name.split(".")[0] == floor:
            ours = {found.split(".")[0] for found in imports(path)} & set(FLOORS) - {floor}
            assert ours <= FLOORS[floor], f"{name} imports {ours - FLOORS[floor]}"


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Find circles: strongly connected components of more than one node (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges.get(node, set()) & set(edges)):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in edges:
        if node not in index:
            visit(node)
    return found


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_no_circle_between_modules() -> None:
    assert circles({name: imports(path) - {name} for name, path in MODULES.items()}) == []


def test_no_circle_between_packages_inside_a_package() -> None:
    edges: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        inside = name if path.name == "__init__.py" else name.rpartition(".")[0]
        used = {
            other if MODULES[other].name == "__init__.py" else other.rpartition(".")[0]
            for other in imports(path)
            if other in MODULES
        }
        # A package may be used by what lies in it.
        edges.setdefault(inside, set()).update(
            other for other in used - {inside} if not inside.startswith(f"{other}.")
        )
    assert circles(edges) == []


def test_what_a_shop_runs_needs_no_training() -> None:
    for name, path in MODULES.items():
        if not name.startswith(("models.training", *USES_TRAINING)):
            training = {found for found in imports(path) if found.startswith("models.training")}
            assert not training, f"{name} imports {training}"


def test_commands_need_the_web_only_to_serve() -> None:
    users = {
        name
        for name, path in MODULES.items()
        if name.startswith("cli") and any(found.startswith("web") for found in imports(path))
    }
    assert users == USES_WEB


def test_vision_knows_no_site() -> None:
    for name, path in MODULES.items():
        if name.startswith("vision"):
            assert "common.site" not in {found.rpartition(".")[0] for found in imports(path)}, name
            parameters = {
                node.arg for node in ast.walk(parse(path))
                if isinstance(node, ast.arg)
            }  # fmt: skip
            assert "site" not in parameters, name


def test_detectors_and_embedders_are_opened_by_their_registry() -> None:
    """But for evaluation and training, which measure and make the shipped ones."""
    for name, path in MODULES.items():
        if not name.startswith(("models", "services.evaluation")):
            concrete = {
                found for found in imports(path)
                if found.startswith(("models.detectors.yolo", "models.embedders.mobilenet"))
            }  # fmt: skip
            assert not concrete, f"{name} imports {concrete}"


def test_threads_are_limited_at_entry_points_alone() -> None:
    found = {
        f"{name}.{function.name}"
        for name, path in MODULES.items()
        for function in ast.walk(parse(path))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "setNumThreads"
    }
    assert found == LIMITS_THREADS


def test_errors_share_one_base() -> None:
    """Exceptions for people; the others end inside the program, or end it."""
    inside = {"Stopped", "TooManyPages", "NotFollowedError", "PriceError"}
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for path in MODULES.values()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ClassDef)
    }
    errors = {"FittingroomError"}
    while more := {name for name, base in bases.items() if base & errors} - errors:
        errors |= more
    builtin = {"BaseException", "Exception", "RuntimeError", "ValueError", "OSError", "KeyError"}
    assert {name for name, base in bases.items() if base & builtin} - {"FittingroomError"} == inside
    assert len(errors) > 10


def test_evaluation_stands_above_the_trainers() -> None:
    for model in ("detector", "embedder", "stylist"):
        trainer = imports(MODULES[f"models.training.{model}.trainer"])
        assert not {found for found in trainer if found.endswith((".evaluation", ".report"))}


def test_ultralytics_and_torch_stay_in_training() -> None:
    for name, path in MODULES.items():
        if not name.startswith(("models.training", "cli.train")):
            assert not {found.split(".")[0] for found in imports(path)} & {
                "ultralytics", "torch", "torchvision"
            }, name  # fmt: skip


def test_sql_stands_in_store_alone() -> None:
    for name, path in MODULES.items():
        if not name.startswith("store"):
            assert not any(found.startswith("sqlalchemy") for found in imports(path)), name


def test_each_test_file_has_its_module() -> None:
    """`tests/store/test_site.py` tests `store/site.py`; a package may have one as a whole."""
    found = {
        (path.relative_to(ROOT / "tests").parent / path.stem.removeprefix("test_")).as_posix()
        for folder in FLOORS
        for path in (ROOT / "tests" / folder).rglob("test_*.py")
    }
    places = {name.replace(".", "/") for name in MODULES}
    places |= {f"{folder}/{folder}" for folder in FLOORS}
    assert found - places - ACROSS == set(), "no such module, and not ACROSS"
    assert found >= ACROSS
    assert not places & ACROSS
