"""Putting questions to a person: one after the other on a terminal, or all of them into a file.

What belongs here: asking, and the file of answers. What does not: what is asked (``mbr_pipeline.setup``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click
import yaml

from connectors.counted import plural
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.proposal import Question
from mbr_pipeline.safe_text import shown
from mbr_pipeline.setup.exports import answer_in, answer_text, key_of
from mbr_pipeline.storage.atomic_files import write_text

AnswersOfFiles = dict[str, dict[str, Any]]
"""By file (``""``: the folder), then by the key of a question."""


class _Asking(Protocol):
    questions: list[tuple[str, Question]]


_Plan = TypeVar("_Plan", bound=_Asking)


def asked(planned: Callable[[], _Plan], answers: AnswersOfFiles, file: Path | None) -> _Plan:
    """Ask until a plan has no question; each answer may settle others.

    Raises:
        ConfigError: There is no terminal; the questions stand in the file of answers, if there is one.
    """
    while (found := planned()).questions:
        if not sys.stdin.isatty():
            raise ConfigError(_left_open(found.questions, answers, file))
        name, question = found.questions[0]
        click.echo(f"\n{shown(name) if name else 'The folder'}: {len(found.questions)} to decide")
        answers.setdefault(name, {})[key_of(question.key)] = _answer(question)
        if file:
            write_text(file, yaml.safe_dump(answers, sort_keys=False, allow_unicode=True))
    return found


def _answer(question: Question) -> Any:
    click.echo(f"  {shown(question.text)}")
    for number, option in enumerate(question.options, 1):
        click.echo(f"    {number}  {shown(answer_text(option))}")
    text = click.prompt("  a number, or what else stands there" if question.options else "  answer").strip()
    if text.isdecimal() and 1 <= int(text) <= len(question.options):
        return question.options[int(text) - 1]
    return answer_in(text)


def _left_open(questions: Sequence[tuple[str, Question]], answers: AnswersOfFiles, file: Path | None) -> str:
    for name, question in questions:
        ready = " | ".join(map(answer_text, question.options))
        told = f"TODO {question.text}" + (f" [{ready}]" if ready else "")
        answers.setdefault(name, {})[key_of(question.key)] = told
    many = f"{plural(len(questions), 'thing')} to decide"
    first_name, first = questions[0]
    if file is None:
        return (
            f"{many}, first: {first_name or 'the folder'}: {first.text}: run it on a terminal, or give"
            " --answers FILE"
        )
    write_text(file, yaml.safe_dump(answers, sort_keys=False, allow_unicode=True))
    return f"{many}: they stand in {file} as TODO: fill them in and run the same command again"


def read_answers(file: Path | None) -> AnswersOfFiles:
    """Return what a file of answers says; what is still TODO there is not among it.

    Raises:
        ConfigError: It is no such file.
    """
    if file is None or not file.exists():
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{file}: cannot be read as YAML: correct it or remove it") from error
    if not isinstance(content, dict) or not all(isinstance(part, dict) for part in content.values()):
        raise ConfigError(f"{file}: write answers below the names of files, as `mbr setup --answers` does")
    return {
        name: {key: value for key, value in part.items() if not str(value).startswith("TODO")}
        for name, part in content.items()
    }
