# SPDX-License-Identifier: Apache-2.0
"""Which page of the site each name of the Python package is on: one for each module that it is from."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = "experimance_zmq"
#: Modules that are imported by their own names, and what is in their namespace.
_MODULES = (
    "aio",
    "services",
    "testing",
    "activation",
    "metrics",
    "tracing",
    "connection_retry",
    "zmq_utils",
    "constants",
)


@dataclass(frozen=True)
class PythonPage:
    """A page with some names of a module."""

    file: str
    title: str
    text: str


def python_pages(sources: Path) -> list[PythonPage]:
    """The pages, the package's own and that of the sockets first."""
    package = sources / _PACKAGE
    top = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    pages = []
    for statement in top.body:
        if isinstance(statement, ast.ImportFrom) and statement.level == 1 and statement.module:
            names = [each.name for each in statement.names if each.name != "__version__"]
            if names:
                pages.append(_page(package, statement.module, names))
    pages.sort(key=lambda page: page.file != "python/sockets.md")
    return [_overview(), *pages, *(_whole(f"{_PACKAGE}.{name}") for name in _MODULES)]


def _file_of(package: Path, module: str) -> Path:
    file = package / f"{module}.py"
    return file if file.exists() else package / module / "__init__.py"


def _title(module: ast.Module) -> str:
    """How a module begins to say what it is for."""
    documentation = ast.get_docstring(module) or ""
    return re.split(r"[.:;](?=\s|:|$)", documentation.split("\n\n")[0].replace("\n", " "))[0]


def _page(package: Path, module: str, names: list[str]) -> PythonPage:
    """The names of a module; one that is the package's own affair lends its page nothing but them."""
    text = _file_of(package, module).read_text(encoding="utf-8")
    title = ", ".join(names) if module.startswith("_") else _title(ast.parse(text))
    shown = "".join(f"::: {_PACKAGE}.{each}\n\n" for each in names)
    return PythonPage(f"python/{module.strip('_')}.md", title, f"# {title}\n\n{shown}")


def _overview() -> PythonPage:
    options = "    options:\n      members: false\n      show_root_heading: false\n      show_root_toc_entry: false\n"
    return PythonPage("python/index.md", _PACKAGE, f"# {_PACKAGE}\n\n::: {_PACKAGE}\n{options}")


def _whole(module: str) -> PythonPage:
    options = "    options:\n      show_root_heading: false\n      show_root_toc_entry: false\n"
    return PythonPage(f"python/{module}.md", module, f"# {module}\n\n::: {module}\n{options}")
