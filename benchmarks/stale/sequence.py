"""One random sequence of writes, each followed by reads in two processes, whose right answers are known."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.stale.stage import KEYS, ROOMS, SHELVES, Answer, Key, Stage

L = 2.0
"""Seconds within which this engine promises to notice what was written by hand; nobody is judged earlier on those."""
SPARE = 0.3
"""Seconds more that everybody is given, so that a busy machine is no fault of any cache."""
STEPS, BY_HAND = 240, 6
_KINDS = (
    *("save", "create", "delete", "queryset delete", "update", "bulk_create", "bulk_update", "raw SQL"),
    *("save of a joined row", "committed transaction", "transaction rolled back"),
)
_NEVER_COMMITTED = "never committed"


@dataclass(frozen=True)
class State:
    """What one key's answer became, by which kind of write, and from when on an older answer is stale."""

    answer: Answer
    kind: str
    stale_from: float


@dataclass
class Judge:
    """Knows every state of every key so far, and counts answers that are older than they may be."""

    stage: Stage
    states: dict[Key, list[State]] = field(default_factory=dict)
    answers: int = 0
    own_reads: int = 0
    stale: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, *, grace: float = 0.0) -> None:
        """Take down what a write that was just acknowledged changed."""
        for key in KEYS:
            known, answer = self.states.setdefault(key, []), self.stage.truth(key)
            if not known or known[-1].answer != answer:
                known.append(State(answer, kind, time.monotonic() + grace))

    def read(self, worker: int, key: Key) -> None:
        """Have a process read, and count the answer under the kind of the first write that it misses."""
        began = time.monotonic()
        answer, known = self.stage.workers[worker].ask("read", key=key), self.states[key]
        self.answers += 1
        seen = [place for place, state in enumerate(known) if state.answer == answer]
        if not seen:
            self.stale[_NEVER_COMMITTED] += 1
            return
        missed = [state.kind for state in known[seen[-1] + 1 :] if state.stale_from <= began]
        self.stale.update(missed[:1])


def play(stage: Stage, seed: int) -> Judge:
    """Run the sequence of that seed; it is the same for every cache, because it follows from the rows alone."""
    choice, judge = random.Random(seed), Judge(stage)  # noqa: S311 -- no secret
    judge.note("the beginning")
    kinds = [*choice.choices(_KINDS, k=STEPS - BY_HAND), *["SQL by hand"] * BY_HAND]
    choice.shuffle(kinds)
    for number, kind in enumerate(kinds):
        if kind == "SQL by hand":
            _by_hand(judge, choice, number)
        else:
            _through_django(judge, choice, kind, number)
        for _ in range(6):
            judge.read(choice.randrange(2), choice.choice(KEYS))
    return judge


def _through_django(judge: Judge, choice: random.Random, kind: str, number: int) -> None:
    writer = choice.randrange(2)
    if "transaction" in kind:
        _transaction(judge, choice, writer, number, commits=kind == "committed transaction")
    else:
        _write(judge, choice, writer, kind, number)
    judge.note(kind)


def _transaction(judge: Judge, choice: random.Random, writer: int, number: int, *, commits: bool) -> None:
    """Write in a transaction; before it ends its own process reads, which nobody judges, and the other one does."""
    process = judge.stage.workers[writer]
    process.ask("begin")
    for kind in choice.sample(["save", "update", "bulk_create", "raw SQL"], k=2):
        _write(judge, choice, writer, kind, number)
    for key in KEYS:
        process.ask("read", key=key)
        judge.own_reads += 1
        judge.read(1 - writer, key)
    process.ask("commit" if commits else "roll back")


def _write(judge: Judge, choice: random.Random, writer: int, kind: str, number: int) -> None:
    judge.stage.workers[writer].ask("write", kind=kind, arguments=_arguments(judge, choice, kind, number))


def _arguments(judge: Judge, choice: random.Random, kind: str, number: int) -> dict[str, object]:
    """Choose what a write of that kind touches among the rows there are; `number` makes each change a new one."""
    shelf, pages = choice.choice(SHELVES), 1000 + number
    if kind == "save of a joined row":
        return {"shelf": shelf, "room": choice.choice(ROOMS)}
    if kind in ("create", "bulk_create"):
        return {"shelf": shelf, "pages": pages}
    books = [book[0] for key in KEYS if key[0] == "shelf" for book in judge.states[key][-1].answer]
    if kind == "save":
        return {"pk": choice.choice(books), "shelf": shelf, "pages": pages}
    if kind == "delete":
        return {"pk": choice.choice(books)}
    chosen = choice.sample(books, k=3)
    return {"pks": chosen} if kind == "queryset delete" else {"pks": chosen, "pages": pages}


def _by_hand(judge: Judge, choice: random.Random, number: int) -> None:
    """Write past Django; nobody is judged on it before L is over, and then everything is read."""
    shelf = choice.choice(SHELVES)
    judge.stage.by_hand.execute("UPDATE toys_book SET pages = %s WHERE shelf_id = %s", [1000 + number, shelf])
    judge.note("SQL by hand", grace=L + SPARE)
    for key in KEYS:
        judge.read(choice.randrange(2), key)
    time.sleep(L + 2 * SPARE)
    for key in KEYS:
        judge.read(0, key)
        judge.read(1, key)
