"""Values for the parameters of a query, as the command line gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storage.errors import UsageError

# NAME=VALUE or NAME:TYPE=VALUE; a type as DuckDB writes it: DATE, DECIMAL(9, 2), INTEGER[].
_TYPE = r"[A-Za-z]\w*(?: [A-Za-z]\w*)*(?:\(\d+(?:, ?\d+)?\))?(?:\[\d*\])*"
_FORM = re.compile(rf"\s*\$?(?P<name>\w+)\s*(?::\s*(?P<type>{_TYPE})\s*)?=(?P<value>.*)", re.DOTALL)
_HINT = "-p name=value or -p name:TYPE=value, and $name in the SQL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A text for `$name`, with the DuckDB type it gets; no type leaves it to what it is compared with."""

    name: str
    type: str
    text: str


def parameter(text: str) -> Parameter:
    """The parameter that `NAME=VALUE` or `NAME:TYPE=VALUE` gives. Raises: UsageError.

    >>> one = parameter("day:DATE=2026-01-01")
    >>> one.name, one.type, one.text, parameter("$where=a=b").text
    ('day', 'DATE', '2026-01-01', 'a=b')
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise UsageError(f"`{text}` gives no parameter a value", hint=_HINT)
    return Parameter(name=found["name"], type=found["type"] or "", text=found["value"])


def values_of(parameters: Sequence[Parameter], cast: Callable[[Parameter], object]) -> dict[str, object]:
    """The values by name, of the type that `cast` gives them; a name given again is a list.

    >>> given = [parameter("a:INTEGER=1"), parameter("b=x"), parameter("b=y"), parameter("c:NULL=")]
    >>> values_of(given, lambda one: int(one.text))
    {'a': 1, 'b': ['x', 'y'], 'c': None}
    """
    lists: dict[str, list[object]] = {}
    for one in parameters:
        lists.setdefault(one.name, []).append(_value(one, cast))
    return {name: values[0] if len(values) == 1 else values for name, values in lists.items()}


def _value(one: Parameter, cast: Callable[[Parameter], object]) -> object:
    """The parameter's value."""
    if one.type.upper() == "NULL":
        return None
    return cast(one) if one.type else one.text
