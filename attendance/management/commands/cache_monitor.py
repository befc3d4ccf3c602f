"""`manage.py cache_monitor`: how the cache stands, what it saves, and what can be done about it."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from attendance.caching import figures, self_test, warming
from attendance.management import cache_words as words
from attendance.models import Organisation
from attendance.queries.cache_targets import TARGETS

FAILED, MISUSED, DEGRADED = 1, 2, 3
ACTOR = "cache_monitor"
_HELP = """\
Says how the cache stands, what it saves, and what can be done about it:

  --status   where entries lie and why, whether Redis answers, who follows the database up
  --stats    hits, misses and their causes in the last hour, by resource, beside the targets
  --test     sends a value of its own the whole way and says each step
  --clear    ends all entries, or those of --resource; asks first
  --warmup   reads ahead what each organisation is asked for first
"""
_EPILOG = """\
Exit codes: 0 done; 1 it failed, or the database does not answer; 2 the arguments make no sense; 3 with
--fail-on-degraded, somebody has to do something (--status says what).
"""


class Command(BaseCommand):
    help = _HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=_EPILOG, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_mutually_exclusive_group()
        for name in ("status", "stats", "test", "clear", "warmup"):
            acts.add_argument(f"--{name}", action="store_const", const=name, dest="act")
        acts.add_argument("--explain", metavar="KEY", help="what is known of one entry, and which write ended it")
        parser.add_argument("--resource", metavar="NAME", help="with --stats and --clear: this one alone")
        parser.add_argument("--yes", action="store_true", help="with --clear: do not ask")
        parser.add_argument("--json", action="store_true", help="for programs: one JSON value and nothing else")
        parser.add_argument("--fail-on-degraded", action="store_true", help="end with 3 when something has to be done")

    def handle(self, *_args: Any, **options: Any) -> None:
        self._as_json = options["json"]
        act = "explain" if options["explain"] is not None else options["act"]
        if act is None and not options["fail_on_degraded"]:
            self.print_help("manage.py", "cache_monitor")
            return
        acts: dict[str, Callable[[dict[str, Any]], None]] = {
            "status": self._status,
            "stats": self._stats,
            "test": self._test,
            "clear": self._clear,
            "warmup": self._warmup,
            "explain": self._explain,
        }
        try:
            self._check(act, options["resource"])
            acts[act or "status"](options)
            degraded = figures.health().degraded if options["fail_on_degraded"] else ""
        except Error as error:
            raise CommandError(f"The database does not answer: {error}".strip(), returncode=FAILED) from error
        if degraded:
            raise CommandError(degraded, returncode=DEGRADED)

    def _check(self, act: str | None, resource: str | None) -> None:
        if resource is None:
            return
        if act not in ("stats", "clear"):
            raise CommandError("--resource goes with --stats or --clear.", returncode=MISUSED)
        known = figures.resources()
        if resource not in known:
            names = ", ".join(known)
            raise CommandError(f"There is no resource {resource}. There are: {names}.", returncode=MISUSED)

    # --- Acts ---------------------------------------------------------------------------------------------------------

    def _status(self, _options: dict[str, Any]) -> None:
        health = figures.health()
        if self._as_json:
            self._write_json({**asdict(health), "degraded": health.degraded})
            return
        for line in words.status_lines(health):
            self.stdout.write(line)
        for trouble in health.troubles:
            self.stdout.write(self.style.ERROR(f"To do        {figures.TROUBLES[trouble]}"))
        if not health.troubles:
            self.stdout.write(self.style.SUCCESS("All is well; there is nothing to do."))

    def _stats(self, options: dict[str, Any]) -> None:
        wanted = options["resource"]
        found = figures.resource_figures(organisation=None)
        chosen = [each for each in found if wanted in (None, each.resource)]
        if self._as_json:
            self._write_json([_row(each) for each in chosen])
            return
        if not chosen:
            self.stdout.write("Nothing was read through the cache in the last hour.")
            return
        for line in words.stats_lines(chosen, TARGETS):
            self.stdout.write(line)
        if figures.is_shared():
            self.stdout.write("Of the last hour and all processes.")
        else:
            self._warn("Redis cannot be asked: these are the figures of this command alone, not of the site.")

    def _test(self, _options: dict[str, Any]) -> None:
        steps = []
        for step in self_test.run():
            steps.append(step)
            if not self._as_json:
                said = self.style.ERROR(f"failed: {step.failure}") if step.failure else self.style.SUCCESS("done")
                self.stdout.write(f"{step.title} ... {said} ({step.seconds * 1000:.1f} ms)")
        if self._as_json:
            self._write_json([asdict(step) for step in steps])
        if steps[-1].failure:
            raise CommandError("The cache does not work as it should; --status says more.", returncode=FAILED)
        if not self._as_json:
            self.stdout.write(f"All {len(steps)} steps came out as they should.")

    def _clear(self, options: dict[str, Any]) -> None:
        resource = options["resource"]
        what = f"all entries of {resource}" if resource else "all entries of all organisations"
        if not options["yes"]:
            self._ask(what)
        ended = figures.clear(resource=resource, organisation=None, actor=ACTOR)
        if self._as_json:
            self._write_json({"resource": resource, "ended": ended})
            return
        self.stdout.write(f"Ended {what}: {words.counted(ended, 'was known', 'were known')}.")

    def _ask(self, what: str) -> None:
        if not sys.stdin.isatty():
            raise CommandError("There is no terminal to ask on. Add --yes.", returncode=MISUSED)
        self.stdout.write(f"This ends {what}. They are made anew as they are asked for, which costs queries.")
        if input("End them? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was ended.", returncode=FAILED)

    def _warmup(self, _options: dict[str, Any]) -> None:
        outcomes = {}
        for organisation in Organisation.objects.order_by("name"):
            outcomes[organisation.slug] = dict(warming.warm(organisation.pk, report=self._reporter(organisation)))
        if self._as_json:
            self._write_json(outcomes)
        elif not outcomes:
            self.stdout.write("There is no organisation yet.")
        elif not figures.is_shared():
            self._warn("Redis cannot be asked, so only this command's own memory was warmed.")

    def _reporter(self, organisation: Organisation) -> Callable[[warming.Progress], None]:
        def report(progress: warming.Progress) -> None:
            if not self._as_json:
                place = f"{organisation.name}, {progress.done} of {progress.total}"
                self.stdout.write(f"{place}: {progress.resource}, {progress.outcome}")

        return report

    def _explain(self, options: dict[str, Any]) -> None:
        found = figures.explain(options["explain"])
        if found is None:
            raise CommandError(f"Nothing is known of {options['explain']!r}.", returncode=FAILED)
        if self._as_json:
            self._write_json(asdict(found))
            return
        for line in words.sample_lines(found):
            self.stdout.write(line)

    def _warn(self, sentence: str) -> None:
        self.stdout.write(self.style.WARNING(sentence))

    def _write_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, default=_spelled, indent=2))


def _row(each: figures.ResourceFigures) -> dict[str, Any]:
    return {**asdict(each), "ratio": each.ratio, "target": TARGETS.get(each.resource)}


def _spelled(value: Any) -> str:
    """Return what JSON has no word for: moments, as RFC 3339 writes them."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written as JSON.")
