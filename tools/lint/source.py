"""A parsed source file, and where it stands in the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LAYERS = ("foundation", "trade", "logistics", "information", "capital", "oversight")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line that breaks a rule."""

    path: str
    line: int
    rule: str
    says: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.rule}] {self.says}"


@dataclass(frozen=True)
class Source:
    """One Python file; ``path`` is relative to the checkout, with slashes."""

    path: str
    text: str

    @classmethod
    def read(cls, root: Path, file: Path) -> Source:
        return cls(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8"))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Dotted parts below src, or below the checkout for tests and tools."""
        parts = Path(self.path).with_suffix("").parts
        return parts[1:] if parts[0] == "src" else parts

    @property
    def shipped(self) -> bool:
        return self.path.startswith("src/")

    @property
    def layer(self) -> str:
        """``platform``, ``foundation`` … ``interfaces``, ``config``; empty outside fourflow."""
        return self.parts[1] if self.parts[0] == "fourflow" and len(self.parts) > 1 else ""

    @property
    def slot(self) -> str:
        """The room inside a business module: ``types``, ``operations`` …; empty elsewhere."""
        return self.parts[3] if self.layer in LAYERS and len(self.parts) > 3 else ""

    @property
    def migration(self) -> bool:
        return "migrations" in self.parts

    def finding(self, node: ast.AST | int, rule: str, says: str) -> Finding:
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return Finding(self.path, line, rule, says)

    def functions(self) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        """Every function with its dotted name inside the file."""
        yield from _functions(self.tree, "")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute chain; calls and subscripts in between are skipped over."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    if isinstance(node, ast.Subscript):
        return dotted(node.value)
    return "?"
