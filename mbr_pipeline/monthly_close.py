"""One MSP's month from landed files to publication: the steps that Dagster's assets call, each a
function of the workspace.

What belongs here: putting the stores together, step by step, under the month's lock. What does not: how a
step works (the modules it calls) and in which order steps run (``mbr_pipeline.defs``). Every step can be run
again at any time; a killed one is repaired by that.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from connectors.datasets import DATASETS
from expectations import runner
from mbr_pipeline.alerts import stake, watch
from mbr_pipeline.audit import candidate_tables, frames, gate, landed_files, rejected_rows
from mbr_pipeline.audit.certificate import check_certificate, write_certificate
from mbr_pipeline.audit.gate_document import gate_document
from mbr_pipeline.audit.near_misses import near_misses
from mbr_pipeline.decide import in_force, policies
from mbr_pipeline.errors import MbrError
from mbr_pipeline.ingest import load
from mbr_pipeline.ingest.absurd_numbers import refuse_absurd
from mbr_pipeline.ingest.fetching.missed_snapshots import missed_snapshots
from mbr_pipeline.ingest.landing import Landing, inputs_hash, scan
from mbr_pipeline.ingest.load_controls import load_controls, stale_customers
from mbr_pipeline.ingest.parse import ParsedFile, Parser, parse
from mbr_pipeline.publish import publication, stored
from mbr_pipeline.release.version import version_folder
from mbr_pipeline.report import render_close_report
from mbr_pipeline.storage.atomic_files import sha256_of, write_json, write_text
from mbr_pipeline.storage.keeping import Kept
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.storage.warehouse import connected, remove
from mbr_pipeline.transform.dbt_client import NodeResult, Transformer
from mbr_pipeline.workspace import spread
from mbr_pipeline.workspace.belonging import refuse_another_ledger
from mbr_pipeline.workspace.paths import EARLY_FOLDER, MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.rules import RULE_FILES
from mbr_pipeline.workspace.settings import MspSettings
from mbr_pipeline.workspace.workspace import Workspace

Candidate = dict[str, candidate_tables.CandidateTable]


@dataclass(frozen=True)
class MonthlyClose:
    """One MSP and period of a workspace, with the settings in force."""

    workspace: Workspace
    paths: MonthPaths

    @classmethod
    def of(cls, paths: WorkspacePaths, msp_id: str, period: str) -> MonthlyClose:
        """Open a month; an unknown MSP or a malformed period is a :class:`ConfigError`."""
        workspace = Workspace.open(paths)
        policies.check(workspace.settings.policies.auto_approve)
        return cls(workspace, workspace.month(msp_id, period))

    @property
    def msp(self) -> MspSettings:
        """Settings of the MSP."""
        return self.workspace.msp(self.paths.msp_id)

    @cached_property
    def landing(self) -> Landing:
        """The landed files the month is computed from, as found when first asked for."""
        stored.bring_landed(self.workspace, self.paths)
        return self._scan()

    def _scan(self) -> Landing:
        return scan(self.workspace.paths, self.paths.msp_id, self.msp, self.paths.period)

    @property
    def inputs_hash(self) -> str:
        """Fingerprint of landed bytes, rules, decisions and the settings that matter, as they are now."""
        return self._fingerprint(self._scan(), in_force.reaching(self.workspace.paths, self.paths))

    def _fingerprint(self, landing: Landing, decided: Sequence[Mapping[str, Any]]) -> str:
        folder = self.workspace.paths.root / "rules" / self.paths.msp_id
        rules = [
            (folder / f"{name}.csv").read_bytes() if (folder / f"{name}.csv").exists() else b""
            for name in RULE_FILES
        ]
        policy = self.workspace.settings.policies
        settings = self.msp.model_dump_json(exclude={"schedule"}) + policy.model_dump_json()
        settings += "".join(each.model_dump_json() for each in policy.auto_approve)
        by_people = policies.by_people(decided)
        made = [json.dumps(by_people, sort_keys=True, default=str).encode()] if by_people else []
        return inputs_hash(landing.current + landing.earlier, *rules, settings.encode(), *made)

    @contextmanager
    def locked(self, on_wait: Callable[[], None] | None = None) -> Iterator[Kept | None]:
        """Hold the month's lock, and its lease where machines share work: no other run may change it."""
        with locked(self.paths.lock_file, on_wait):
            yield spread.keep(self.paths)

    def parse(self) -> list[ParsedFile]:
        """Type every landed file the month is computed from, on threads; what was typed before comes from the
        cache, of earlier months without a look at the records: most of them are not read.
        """
        spread.keep(self.paths)
        folders, threads = self.workspace.paths, ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
        with Parser(folders.parsed, folders.temporary, self.paths.landed_bytes) as parser, threads as pool:
            current = pool.map(parser.parse, self.landing.current)
            earlier = pool.map(partial(parser.parse, only_keys=True), self.landing.earlier)
            return [*current, *earlier]

    def load(self) -> list[load.LoadedDataset]:
        """Rebuild the month's raw tables from all landed files, and revoke any earlier certificate."""
        if self.workspace.settings.storage is None:
            refuse_another_ledger(self.workspace.paths)
        stored.begin_leased(self.workspace, self.paths, spread.keep(self.paths))
        # taken before anything is read: a later change is then noticed, and never certified unread
        decided = in_force.reaching(self.workspace.paths, self.paths)
        inputs = self._fingerprint(self.landing, decided)
        rules = self.workspace.rules(self.paths.msp_id)
        folders = self.workspace.paths
        parsed = self.parse()
        with self.locked():
            in_force.refuse_closed(self.paths)
            self.paths.certificate.unlink(missing_ok=True)
            self.paths.loaded_inputs.unlink(missing_ok=True)
            remove(self.paths.warehouse_file)
            with self._connected(self.paths.warehouse_file) as connection:
                load.start_month(
                    connection,
                    self.paths.msp_id,
                    self.msp,
                    self.workspace.settings.policies,
                    self.paths.period,
                    rules,
                    decided,
                )
                loaded = [
                    load.load_dataset(
                        connection,
                        name,
                        [f for f in parsed if f.landed.dataset == name],
                        self.paths.period,
                        lambda earlier: parse(earlier.landed, folders.parsed, folders.temporary),
                    )
                    for name in DATASETS
                ]
                refuse_absurd(connection, self.paths.period)
                current = [f for f in parsed if f.landed.period == self.paths.period.text]
                load_controls(connection, self.msp, current)
        write_json(self.paths.folder / "files.json", [each.facts for each in parsed])
        write_text(self.paths.loaded_inputs, inputs)
        return loaded

    def _connected(self, file: Path | None) -> AbstractContextManager[DuckDBPyConnection]:
        return connected(file, self.workspace.paths.temporary, size=self.paths.landed_bytes)

    def transform(self, transformer: Transformer, select: Sequence[str] = ()) -> list[NodeResult]:
        """Build the dbt nodes on the raw tables; changing a mart revokes the certificate."""
        self._expect_loaded(self.paths.warehouse_file)
        with self.locked():
            in_force.refuse_closed(self.paths)
            self.paths.certificate.unlink(missing_ok=True)
            return transformer.build(self.paths, select)

    def _expect_loaded(self, file: Path) -> None:
        if not file.exists():
            month = f"{self.paths.msp_id} {self.paths.period.text}"
            raise MbrError(f"{month}: nothing is loaded: materialise the raw assets first")

    def audit(self, run_suite: gate.RunSuite = runner.run) -> dict[str, Any]:
        """Stage the marts, run every suite on them, write gate.json, the list of rejected rows and the
        certificate; returns gate.json.

        A blocked month's tables are kept for inspection under ``reports/…/blocked/``.
        """
        self._expect_loaded(self.paths.loaded_inputs)
        inputs = self.paths.loaded_inputs.read_text(encoding="utf-8")
        with self.locked():
            in_force.refuse_closed(self.paths)
            # before the tables are written: a kill in between leaves nothing that could be published
            self.paths.certificate.unlink(missing_ok=True)
            with self._connected(self.paths.warehouse_file) as connection:
                candidate = candidate_tables.write_candidate(connection, self.paths.candidate)
                verdict = self._verdict(connection, candidate, run_suite)
                hints = [*stale_customers(connection), *near_misses(connection), *self._days_without_counts()]
                context = self._context(inputs, hints)
                read = landed_files.inputs(self._manifest())
                document = gate_document(connection, self.paths, verdict, read, context)
                money = stake.of_month(connection, self.paths.period.text)
                rejected_rows.write(connection, self.paths)
            if not verdict.passed:
                publication.keep_for_inspection(self.paths)
            write_json(self.paths.report / "gate.json", document)
            shutil.rmtree(self.paths.report / EARLY_FOLDER, ignore_errors=True)  # this says more
            # before the certificate: nothing is published whose verdict could not be told
            watch.record_gate(self.workspace, document, money)
            self._certify(verdict, candidate, inputs)
        return document

    def recorded_inputs(self) -> list[dict[str, Any]]:
        """Return every file that the month is computed from, with its hash."""
        root = self.workspace.paths.root
        folders = (self.paths.landing, root / "rules" / self.paths.msp_id)
        files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
        files |= {each.path for each in self.landing.earlier} | {root / "mbr.yml"}
        return [
            {
                "file": path.relative_to(root).as_posix(),
                "sha256": sha256_of(path),
                "bytes": path.stat().st_size,
            }
            for path in sorted(files)
        ]

    def report(self) -> str:
        """Write the close report of the last audit and return its path."""
        document = json.loads((self.paths.report / "gate.json").read_text(encoding="utf-8"))
        page = self.paths.report / "index.html"
        with self._connected(None) as connection:
            candidate_tables.create_views(connection, self.paths.candidate)
            write_text(page, render_close_report(document, connection))
        stored.send_report(self.workspace, self.paths)
        return str(page)

    def publish(self, refreshes_catalogue: bool = True, run_suite: gate.RunSuite = runner.run) -> list[str]:
        """Publish the candidate tables if the gate's certificate allows it; returns the published files.

        What policies approved is entered before, and tables that name these entries are audited again.
        """
        with self.locked() as lease:
            in_force.refuse_closed(self.paths)
            number = in_force.closing(self.paths).version
            stored.bring_landed(self.workspace, self.paths)
            landing = self._scan()
            inputs = self._fingerprint(landing, in_force.reaching(self.workspace.paths, self.paths))

            def is_loaded(rows: Sequence[Mapping[str, Any]]) -> bool:
                return self._fingerprint(landing, rows) == inputs

            def before_swap(hashes: Mapping[str, str]) -> str | None:
                decided = in_force.reaching(self.workspace.paths, self.paths)
                policies.refuse_others(self.paths, decided, is_loaded)
                return stored.send_tables(self.workspace, self.paths, hashes, inputs)

            check_certificate(self.paths, inputs)
            if lease:
                lease.check()
            if entered := policies.enter(self.paths, is_loaded):
                with self._connected(self.paths.warehouse_file) as connection:
                    tables = policies.as_table(entered)
                    candidate = candidate_tables.name_entries(connection, self.paths.candidate, tables)
                    self._certify(self._verdict(connection, candidate, run_suite), candidate, inputs)
            closed = version_folder(self.paths, number) if number else None
            published = publication.publish(
                self.paths, inputs, before_swap, closed, refreshes_catalogue, lease
            )
        watch.record_published(self.workspace, self.paths)
        return [str(path) for path in published]

    def _verdict(
        self, connection: DuckDBPyConnection, candidate: Candidate, run_suite: gate.RunSuite
    ) -> gate.Verdict:
        found = frames.frames(connection, candidate, self.paths.candidate)
        return gate.Verdict(gate.run_suites(found, run_suite), gate.failed_controls(connection))

    def _certify(self, verdict: gate.Verdict, candidate: Candidate, inputs: str) -> None:
        head = in_force.chain_head(self.workspace.paths, self.paths.msp_id).hash
        write_certificate(self.paths, verdict, candidate, inputs, head)

    def _context(self, inputs: str, hints: Sequence[str]) -> dict[str, Any]:
        return {
            "msp_name": self.msp.name,
            "evaluated_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "superseded": landed_files.superseded(self.landing),
            "warnings": [*self._warnings(), *hints],
            "input_hash": inputs,
        }

    def _manifest(self) -> list[dict[str, Any]]:
        text = (self.paths.folder / "files.json").read_text(encoding="utf-8")
        return list(json.loads(text))

    def _days_without_counts(self) -> list[str]:
        today, paths = datetime.now(UTC).date(), self.paths
        missed = missed_snapshots(paths.workspace, paths.msp_id, self.msp, paths.period, today)
        return [each.told for each in missed]

    def _warnings(self) -> list[str]:
        return [*self.landing.warnings, *landed_files.warnings(self._manifest(), self.paths.period)]
