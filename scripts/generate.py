# SPDX-License-Identifier: Apache-2.0
"""Makes from the header what says the same once more: the declarations for ctypes, and the list of what the library
exports.

    python3 scripts/generate.py            writes them
    python3 scripts/generate.py --check    fails if they are not what would be written
"""

import difflib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from header import (
    Alias,
    Callback,
    Constants,
    Declaration,
    Function,
    Handle,
    Header,
    Macro,
    NotUnderstoodError,
    Section,
    Struct,
)

ROOT = Path(__file__).resolve().parents[1]
_WIDTH = 120
_ORIGIN = "Generated from include/experimance_zmq.h by scripts/generate.py (make generate): do not edit."

_PYTHON = f'''# SPDX-License-Identifier: Apache-2.0
"""What experimance_zmq.h declares, in its order and by its names. Declarations only.

{_ORIGIN}

A function that can wait is declared with `_waits`: the interpreter's lock is released for the call. One that never
waits is declared with `_instant`: the lock is kept, which saves the time of giving it away and getting it back.
"""

import ctypes
from collections.abc import Callable
from ctypes import (
@imports@)
from typing import Any

from . import _library

_path = _library.find()
_releasing_the_lock = ctypes.CDLL(_path)
_keeping_the_lock = ctypes.PyDLL(_path)


def _declare(library: ctypes.CDLL, name: str, restype: Any, argtypes: tuple[Any, ...]) -> Any:
    function = getattr(library, name)
    function.restype = restype
    function.argtypes = argtypes
    return function


def _waits(name: str, restype: Any, *argtypes: Any) -> Any:
    return _declare(_releasing_the_lock, name, restype, argtypes)


def _instant(name: str, restype: Any, *argtypes: Any) -> Any:
    return _declare(_keeping_the_lock, name, restype, argtypes)


'''

_EXPORTS = f"""/* SPDX-License-Identifier: Apache-2.0
 * What libexperimance_zmq.so shows: the functions of the header, and nothing else.
 * {_ORIGIN} */
EXPERIMANCE_ZMQ_0 {{
global:
@names@local:
    *;
}};
"""

_CTYPES = {
    "char": "c_char",
    "double": "c_double",
    "int": "c_int",
    "int32_t": "c_int32",
    "int64_t": "c_int64",
    "size_t": "c_size_t",
    "uint16_t": "c_uint16",
    "uint32_t": "c_uint32",
    "uint64_t": "c_uint64",
    "void": "None",
    "const char *": "c_char_p",
    "const void *": "c_void_p",
    "void *": "c_void_p",
}


def python_declarations(header: Header) -> str:
    """The module `_abi`."""
    body = "".join(_spaced(each for each in header.declarations if not isinstance(each, Macro)))
    beginning, end = _PYTHON.split("@imports@")
    used = set(re.findall(r"\b(?:c_\w+|CFUNCTYPE|POINTER|Structure)\b", body + end))
    imports = "".join(f"    {name},\n" for name in sorted(used, key=_import_order))
    return beginning + imports + end + body


def _import_order(name: str) -> tuple[bool, bool, str]:
    return not name.isupper(), not name[0].isupper(), name


def _spaced(declarations: Iterable[Declaration]) -> Iterable[str]:
    """Each declaration with the empty lines before it."""
    before: Declaration | None = None
    for each in declarations:
        if isinstance(each, Struct) or isinstance(before, Struct):
            yield "\n\n"
        elif before is not None and not (isinstance(each, type(before)) and _is_plain(before) and _is_plain(each)):
            yield "\n"
        yield _python(each)
        before = each


def _is_plain(declaration: Declaration) -> bool:
    """Whether it stands close to others of its kind."""
    return isinstance(declaration, Function) or (isinstance(declaration, Constants) and len(declaration.members) == 1)


def _python(declaration: Declaration) -> str:
    match declaration:
        case Section(title):
            return f"# {title}\n"
        case Macro():
            raise NotUnderstoodError(f"{declaration.name}: ctypes has no macros")
        case Constants(members):
            return "".join(f"{name} = {number}\n" for name, number in members)
        case Handle(name, kind, number):
            return f"{name} = {kind}({number})\n"
        case Alias(name, kind):
            return f"{name} = {_ctype(kind)}\n"
        case Callback(name, result, parameters):
            return _call(f"{name} = CFUNCTYPE", [_ctype(result), *map(_ctype, parameters)])
        case Function(name, result, parameters):
            declare = "_instant" if declaration.never_waits else "_waits"
            arguments = [f'"{name}"', _ctype(result), *map(_ctype, parameters)]
            return _call(f"{name}: Callable[..., {_given(result)}] = {declare}", arguments)
        case Struct(name, fields, documentation):
            return _struct(name, fields, documentation)


def _ctype(kind: str) -> str:
    if array := re.fullmatch(r"(.*)\[(\d+)\]", kind):
        return f"{_ctype(array[1])} * {array[2]}"
    if kind in _CTYPES:
        return _CTYPES[kind]
    if kind.endswith(" *"):
        return f"POINTER({_ctype(kind.removesuffix(' *').removeprefix('const '))})"
    return kind


def _given(result: str) -> str:
    """What Python gets for a function's result."""
    return {"const char *": "bytes", "const void *": "int | None"}.get(result, "int")


def _call(callee: str, arguments: list[str]) -> str:
    """A call as the formatter would lay it out."""
    line = f"{callee}({', '.join(arguments)})"
    if len(line) <= _WIDTH:
        return f"{line}\n"
    inner = f"    {', '.join(arguments)}"
    if len(inner) > _WIDTH:
        inner = "\n".join(f"    {argument}," for argument in arguments)
    return f"{callee}(\n{inner}\n)\n"


def _struct(name: str, fields: tuple[tuple[str, str], ...], documentation: str) -> str:
    # What a docstring has room for: the first sentence, up to its colon.
    summary = re.split(r"[.:](?:\s|$)", documentation)[0]
    entries = [f'("{field}", {_ctype(kind)})' for kind, field in fields]
    if len(entries) == 1:
        listed = f"({entries[0]},)"
    else:
        listed = "\n".join(["(", *(f"        {entry}," for entry in entries), "    )"])
    return f'class {name}(Structure):\n    """{summary}."""\n\n    _fields_ = {listed}\n'


def exports(header: Header) -> str:
    """The version script."""
    names = sorted(function.name for function in header.functions)
    return _EXPORTS.replace("@names@", "".join(f"    {name};\n" for name in names))


GENERATED = {
    "bindings/python/src/experimance_zmq/_abi.py": python_declarations,
    "Sources/ExperimanceZMQABI/exports.map": exports,
}


def main(arguments: list[str]) -> int:
    """The exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        header = Header()
        texts = {name: make(header) for name, make in GENERATED.items()}
    except NotUnderstoodError as error:
        print(f"the header is not understood: {error}", file=sys.stderr)
        return 1
    differing = [name for name, text in texts.items() if _differs(name, text)]
    if not arguments:
        for name in differing:
            (ROOT / name).write_text(texts[name], encoding="utf-8")
            print(f"wrote {name}")
        return 0
    for name in differing:
        print("".join(_difference(name, texts[name])), end="", file=sys.stderr)
    if differing:
        print(f"not what the header makes: {', '.join(differing)}; make generate writes them", file=sys.stderr)
        return 1
    print(f"generated: {len(texts)} files are what the header makes")
    return 0


def _now(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _differs(name: str, text: str) -> bool:
    return _now(name) != text


def _difference(name: str, text: str) -> Iterable[str]:
    return difflib.unified_diff(_now(name).splitlines(True), text.splitlines(True), name, "what the header makes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
