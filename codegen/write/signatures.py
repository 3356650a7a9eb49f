"""Signatures of public functions: parameters, results and overloads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import attrs

__all__ = ["Case", "Function", "Parameter", "flag_choices"]

FUTURE = "run_as_future"


@attrs.frozen
class Parameter:
    """A parameter of a public function, with its public annotation."""

    name: str
    annotation: str
    default: str | None
    positional: bool

    @property
    def declared(self) -> str:
        """Declaration in the signature."""
        return f"{self.name}: {self.annotation}" + ("" if self.default is None else f" = {self.default}")


@attrs.frozen
class Case:
    """An overload.

    Attributes:
        flags: Declarations of the parameters that decide on the result, by name.
    """

    flags: Mapping[str, str]
    result: str


@attrs.frozen
class Function:
    """A public function.

    Attributes:
        kind: Origin, and whether it returns an iterator.
        source: Module of the flow or operation.
        imports: Imports of its types.
        background: Whether it supports ``run_as_future``.
        alternative: Its parameter that decides on the result; empty if there is none.
        choices: Declarations of this parameter for the first result, the second one, and either.
        results: The two results.
        narrowed: Overloads by the arguments of the operation behind it; empty if it returns no views.
        client_options: Whether the function, but not the method, has the options of a client.
        options_by_position: Whether the function takes its options, and all its other parameters, by position.
        handle: Class ``X`` of a result whose methods send requests. The flow returns ``XState``, the asynchronous
            client ``AsyncX``.
        single_request: Whether it sends exactly one request, so that its result has one response.
    """

    name: str
    kind: Literal["call", "items", "flow", "iterate"]
    source: str
    parameters: tuple[Parameter, ...]
    result: str
    docstring: str
    imports: frozenset[str] = frozenset()
    background: bool = False
    alternative: str = ""
    choices: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    narrowed: tuple[Case, ...] = ()
    client_options: bool = False
    options_by_position: bool = False
    positional_token: bool = False
    handle: str = ""
    single_request: bool = False

    @property
    def async_result(self) -> str:
        """Result of the asynchronous method."""
        if not self.handle:
            return self.result
        return re.sub(rf"\bhub_typed\.{self.handle}\b", f"hub_typed.Async{self.handle}", self.result)

    def returned(self, flow: str, kind: str = "") -> str:
        """Expression of the result of a method; with ``kind="Async"``, of the asynchronous one."""
        if not self.handle:
            return flow
        made = f"hub_typed.{kind}{self.handle}.of_state"
        return f"[{made}(state) for state in {flow}]" if self.result.startswith("list[") else f"{made}({flow})"

    @property
    def summary(self) -> str:
        """First paragraph of the docstring, in one line."""
        return " ".join(self.docstring.partition("\n\n")[0].split())

    @property
    def lazy(self) -> bool:
        """Whether it returns an iterator."""
        return self.kind in ("items", "iterate")

    @property
    def cases(self) -> list[Case]:
        """Overloads of the method; the last one has all results.

        All parameters of the first one that decide on the result have defaults. In each other one, at least one of them
        has none, so that a call without them fits the first one only: pyright, ty and pyrefly then say what is wrong
        with its arguments, instead of listing all overloads.
        """
        if not self.background:
            return self.async_cases
        found: list[Case] = []
        for case in self.async_cases[:2]:
            future = f"hub_typed.Future[{case.result}]"
            results = (case.result, future, f"{case.result} | {future}")
            found += [
                Case({**case.flags, FUTURE: flag}, result)
                for flag, result in zip(flag_choices(FUTURE), results, strict=True)
            ]
        if self.alternative:
            flags = {self.alternative: self.choices[2]} | self._future_flag
            found.append(Case(flags, f"{found[2].result} | {found[5].result}"))
        return found

    @property
    def implementation(self) -> Case:
        """Implementation of the overloads, or the method that needs none."""
        return Case(self._future_flag, self.result if self.narrowed else self.cases[-1].result)

    @property
    def _future_flag(self) -> dict[str, str]:
        return {FUTURE: f"{FUTURE}: bool = False"} if self.background else {}

    @property
    def async_cases(self) -> list[Case]:
        """Overloads of the asynchronous method."""
        if self.narrowed:
            return [*self.narrowed]
        if not self.alternative:
            return [Case({}, self.result)]
        results = (*self.results, self.result)
        return [Case({self.alternative: flag}, result) for flag, result in zip(self.choices, results, strict=True)]

    def signature(self, flags: Mapping[str, str]) -> str:
        """Signature with the token.

        Args:
            flags: Declarations of the parameters that decide on the result, in place of their own or in addition.
        """
        token = "token: str | bool | None = None"
        positional = [flags.get(p.name, p.declared) for p in self.parameters if p.positional]
        keyword = self._keyword(flags)
        more = [flags[FUTURE]] if FUTURE in flags else []
        if self.positional_token or not (keyword or more):
            rest = [*keyword, *more]
            return ", ".join([*positional, token, *(["*", *rest] if rest else [])])
        return ", ".join([*positional, "*", *keyword, token, *more])

    def signature_with(self, options: Mapping[str, str], flags: Mapping[str, str]) -> str:
        """Signature of the function with the options of a client.

        Args:
            options: Name and type of each option.
            flags: Declaration of the parameter that decides on the result, in place of its own.
        """
        added = [f"{name}: {annotation} = None" for name, annotation in options.items()]
        if not self.options_by_position:
            return ", ".join([self.signature(flags), *added])
        needed = [p.declared for p in self.parameters if p.positional]
        added.sort(key=lambda option: option.startswith("endpoint:"))  # last, as newer versions of huggingface_hub do
        return ", ".join([*needed, "token: str | bool | None = None", *self._keyword(flags), *added])

    def _keyword(self, flags: Mapping[str, str]) -> list[str]:
        return [flags.get(p.name, p.declared) for p in self.parameters if not p.positional]

    @property
    def passed(self) -> str:
        """Arguments passed on to the flow."""
        return ", ".join(p.name if p.positional else f"{p.name}={p.name}" for p in self.parameters)


def flag_choices(flag: str) -> tuple[str, str, str]:
    """Declarations of a parameter that is false, true, or either; see `Function.cases`."""
    return f"{flag}: Literal[False] = False", f"{flag}: Literal[True]", f"{flag}: bool"
