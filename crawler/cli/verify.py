"""`presswarc verify`: whether the archive is sound."""

from __future__ import annotations

from dataclasses import asdict

import click

from crawler.cli.options import Common, archive_options

_EXAMPLES = """\b
Examples:
  presswarc verify
  presswarc verify --json | jq .findings

\b
Exit codes: 0 sound; 1 findings."""


@click.command(epilog=_EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: what was checked, and the findings.")
@archive_options
def verify(*, common: Common, as_json: bool) -> int:
    """Check WARC digests, and that the CDXJ and the index agree with the files. Changes nothing."""
    from storage.errors import ArchiveError
    from storage.layout import Layout
    from storage.verify import Checked
    from storage.verify import verify as check

    layout = Layout(common.config().archive)
    if not layout.root.is_dir():
        hint = "--archive names the archive; presswarc demo makes one"
        raise ArchiveError("there is no archive here", hint=hint, where=str(layout.root))
    checked = Checked()
    findings = list(check(layout, checked))
    if as_json:
        import json

        told = {"checked": asdict(checked), "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(told, indent=2))
        return 1 if findings else 0
    for finding in findings:
        click.echo(f"{finding.where}: {finding.problem}\n  try: {finding.remedy}")
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in asdict(checked).items())
    click.echo(f"{'sound' if not findings else f'{len(findings)} findings'}: {counts}")
    return 1 if findings else 0
