# SPDX-License-Identifier: Apache-2.0
"""Values with named fields: what a frozen dataclass is, without the time that importing `dataclasses` takes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, Self, dataclass_transform


class _Signature:
    """The parameters of a record's class: its fields. Made when somebody asks, as `inspect` takes long to import."""

    def __get__(self, instance: object, cls: "type[Record]") -> Any:
        from inspect import Parameter, Signature

        return Signature(
            [
                Parameter(
                    name,
                    Parameter.KEYWORD_ONLY,
                    default=cls._defaults.get(name, Parameter.empty),
                    annotation=cls.__annotations__[name],
                )
                for name in cls._fields
            ]
        )


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record:
    """The base of such a class: annotated names are its fields, values in the class their defaults."""

    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)
        cls._defaults = {name: getattr(cls, name) for name in cls._fields if hasattr(cls, name)}

    __signature__ = _Signature()

    def __init__(self, *unnamed: object, **values: Any) -> None:
        if unnamed:
            example = f"{type(self).__name__}({self._fields[0]}={unnamed[0]!r})"
            raise TypeError(f"{type(self).__name__} takes its fields by name, as in {example}")
        given = {**self._defaults, **values}
        if len(given) != len(self._fields) or any(name not in self._fields for name in values):
            missing = [name for name in self._fields if name not in given]
            unknown = [name for name in values if name not in self._fields]
            problem = f"has no field {unknown[0]!r}" if unknown else f"needs {', '.join(missing)}"
            raise TypeError(f"{type(self).__name__} {problem}")
        self.__dict__.update(given)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} can not be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} can not be changed")

    def __replace__(self, /, **changes: Any) -> Self:
        """The same with other values for some fields. Python 3.13 and later has `copy.replace` for it."""
        return type(self)(**{**self.__dict__, **changes})

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__[name] for name in self._fields))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self._fields)
        return f"{type(self).__name__}({values})"
