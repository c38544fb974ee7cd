"""`mbr` as users and their scripts meet it: exit codes, one-line errors, the last line of --json, SQL beside
a run (contract §7).

Belongs here: what only a process of its own can show. Does not: figures.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from connectors.datasets import DATASETS
from mbr_pipeline.publish.catalogue import catch_up
from mbr_pipeline.publish.reading import reading
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.e2e.command import mbr, started
from tests.support.launching import bytes_below
from tests.support.small import settings, write, write_msp

NAME = (
    "select client_name from dim_client where msp_id = 'harbour' and period = '2026-09' and client_id ="
    " 'H-02'"
)
RESULT_KEYS = {"msp_id", "gate", "clients", "exceptions", "residual", "reasons"}  # contract §7


def _one_line_error(done: subprocess.CompletedProcess[str]) -> str:
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("mbr: ")
    return line


def test_init_makes_a_workspace_once_and_says_what_comes_next(tmp_path: Path) -> None:
    done = mbr("init", tmp_path / "new")
    assert done.returncode == 0
    assert "mbr run --workspace" in done.stdout
    again = mbr("init", tmp_path / "new")
    assert again.returncode == 2
    assert "not empty" in _one_line_error(again)


def test_a_blocked_gate_is_exit_3_and_the_last_line_says_why(demo: Path) -> None:
    # a copied workspace's catalogue names the files of the one it was copied from
    catch_up(WorkspacePaths(demo))
    published = bytes_below(demo / "published")
    done = mbr("run", "--workspace", demo, "--period", "2026-10", "--msp", "harbour", "--json")
    answer = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 3
    assert set(answer) == {"period", "results"}
    [result] = answer["results"]
    assert set(result) == RESULT_KEYS
    assert (answer["period"], result["msp_id"], result["gate"]) == ("2026-10", "harbour", "blocked")
    assert result["reasons"] == ["CONTROL_TOTAL_MISMATCH"]
    assert bytes_below(demo / "published") == published


def test_sql_answers_throughout_a_run_from_the_old_publication_or_the_new(demo: Path) -> None:
    clients = demo / "landing/harbour/2026-09/halopsa/clients.csv"
    write(clients, clients.read_text(encoding="utf-8").replace("Brightwell Lettings", "Brightwell Estates"))
    old, new = [{"client_name": "Brightwell Lettings"}], [{"client_name": "Brightwell Estates"}]
    run = started("run", "--workspace", demo, "--period", "2026-09", "--msp", "harbour", "--json")
    answers, inside = [], []
    while run.poll() is None:
        done = mbr("sql", NAME, "--workspace", demo, "--format", "json")
        assert done.returncode == 0, done.stderr
        answers.append(json.loads(done.stdout))
        for _ in range(50):  # many more readers than processes could be started
            with reading(WorkspacePaths(demo)) as connection:
                inside.append(connection.execute(NAME).fetchall())
    stdout, stderr = run.communicate()
    assert run.returncode == 0, stderr
    assert json.loads(mbr("sql", NAME, "--workspace", demo, "--format", "json").stdout) == new
    assert answers[0] == old
    assert all(answer in (old, new) for answer in answers)
    assert {name for [(name,)] in inside} <= {"Brightwell Lettings", "Brightwell Estates"}
    [result] = json.loads(stdout.splitlines()[-1])["results"]
    assert set(result) == RESULT_KEYS
    assert (result["gate"], result["residual"], result["reasons"]) == ("passed", "0.00", [])
    assert set(result["clients"]) == {"pass", "pass_with_waiver", "hold"}
    assert sum(result["clients"].values()) == 12  # harbour's clients, contract §6.2: all of them are invoiced
    assert result["exceptions"]["CURRENCY_MISMATCH"] == 1  # planted


def _contradict(root: Path) -> None:
    rules = ["vendor,T-1,C-1,,2026-06-01", "vendor,T-2,C-1,,", "vendor,T-1,C-2,2026-05-31,"]
    header = "source,vendor_customer_id,client_id,valid_from,valid_to"
    write(root / "rules/acme/client_map.csv", "\n".join([header, *rules]) + "\n")


def _settings(old: str, new: str, root: Path) -> None:
    text = settings(["acme"])
    assert old in text
    write(root / "mbr.yml", text.replace(old, new, 1))


WRONG = {
    "an unknown key": (
        lambda root: write(root / "mbr.yml", settings(["acme"], "polices: {}\n")),
        ["mbr.yml", "polices", "unknown key"],
    ),
    "an unknown dataset": (
        lambda root: _settings("license_counts", "licence_counts", root),
        ["mbr.yml", "licence_counts", *DATASETS],
    ),
    "contradicting rules": (_contradict, ["client_map.csv", "lines 2 and 4", "'T-1'"]),
    "no mbr.yml": (lambda root: (root / "mbr.yml").unlink(), ["mbr.yml", "not found", "mbr init"]),
    "YAML that is none": (lambda root: write(root / "mbr.yml", "msps: [\n"), ["mbr.yml", "line"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_configuration_is_exit_2_and_one_line_that_says_what_to_correct(
    case: str, tmp_path: Path
) -> None:
    breaking, words = WRONG[case]
    write(tmp_path / "mbr.yml", settings(["acme"]))
    write_msp(tmp_path, "acme")
    breaking(tmp_path)
    before = bytes_below(tmp_path)
    done = mbr("run", "--workspace", tmp_path, "--period", "2026-10")
    assert done.returncode == 2
    line = _one_line_error(done)
    assert [word for word in words if word not in line] == [], line
    assert bytes_below(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--period", "2026-13"), ["2026-13", "YYYY-MM"]),
        (("--period", "2026-10", "--msp", "nobody"), ["nobody", "acme"]),
    ],
)
def test_a_wrong_argument_is_exit_2_and_one_line(
    arguments: tuple[str, ...], words: list[str], tmp_path: Path
) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    done = mbr("run", "--workspace", tmp_path, *arguments)
    assert done.returncode == 2
    line = _one_line_error(done)
    assert [word for word in words if word not in line] == []


@pytest.mark.parametrize("arguments", [("run",), ("nothing",)])
def test_a_call_that_lacks_an_option_or_a_command_is_exit_2_and_one_line(arguments: tuple[str, ...]) -> None:
    done = mbr(*arguments)
    assert done.returncode == 2
    assert "--help" in _one_line_error(done)


def test_sql_before_anything_is_published_says_so(tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    done = mbr("sql", "select 1", "--workspace", tmp_path)
    assert done.returncode == 1
    assert "mbr run" in _one_line_error(done)


def test_sql_neither_writes_nor_reads_outside_the_publication(demo: Path) -> None:
    target = demo / "published/northwind/2026-10/fct_exceptions.parquet"
    # the first reader of a copied workspace has the catalogue point at the copy; after that nothing may
    # change
    assert mbr("sql", "select 1", "--workspace", demo).returncode == 0
    before = bytes_below(demo)
    refused = [
        f"copy (select 1) to '{target}' (format parquet)",
        f"select 1; copy (select 1) to '{target}' (format parquet)",
        f"explain analyze copy (select 1) to '{target}' (format parquet)",
        f"export database '{demo / 'published/all'}'",
        "create table notes as select 1",
        "drop view fct_exceptions",
        "set enable_external_access = true",
        f"attach '{demo / 'warehouse/northwind/2026-10/month.duckdb'}' as month",
        f"select * from read_text('{demo / 'mbr.yml'}')",
        f"select * from read_text('{demo / 'published/../mbr.yml'}')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/*')",
        "select nothing from fct_exceptions",
        "selec 1",
    ]
    # one process for all but two: starting one each would be most of this test
    for query in refused[:2]:
        done = mbr("sql", query, "--workspace", demo)
        assert done.returncode == 2, query
        _one_line_error(done)
    from click.testing import CliRunner

    from mbr_pipeline.cli import commands
    from mbr_pipeline.errors import ConfigError

    for query in refused:
        result = CliRunner().invoke(commands, ["sql", query, "--workspace", str(demo)])
        assert isinstance(result.exception, ConfigError), query
    assert bytes_below(demo) == before


def test_sql_prints_exact_money_and_disarms_formulas_in_csv(demo: Path) -> None:
    done = mbr(
        "sql",
        "select '=1+1' as a, 0.10::decimal(9,2) + 0.20 as b, -1 as c",
        "--workspace",
        demo,
        "--format",
        "csv",
    )
    assert (done.returncode, done.stdout) == (0, "a,b,c\n'=1+1,0.30,-1\n")
