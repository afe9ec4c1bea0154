"""The policy engine's figures: compiling, deciding, explaining, comparing, memory, and the slowest
documents we know.

The workloads' origin stands in SOURCE.md. Other engines on the first workload, on the machine this
was first run on: iam-simulate 7,541 µs a decision, cedarpy with parsed policies 4,668, PMapper
106,072, moto 394,146.
"""

import json
import time
import tracemalloc
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from accounts.engine import (
    Context,
    Document,
    MalformedPolicy,
    Policies,
    Policy,
    Principal,
    Request,
    denial,
    differences,
    evaluate,
    explain,
    lint,
    load,
    parse,
)
from accounts.engine.rules import Rule, rules
from tests.engine import hostile

FOLDER = Path(__file__).parent
WORKLOADS = ("policy_workload", "policy_workload_denials")
ROUNDS = 7
PRINCIPALS, ATTACHMENTS, DOCUMENTS = 500, 10, 200


class Workload:
    """One file: the policies of a principal and 1,000 requests."""

    def __init__(self, name: str) -> None:
        found = json.loads((FOLDER / f"{name}.json").read_text())
        self.names = found["names"]
        self.managed = [json.dumps(each) for each in found["managed"]]
        self.inline, self.boundary = json.dumps(found["inline"]), json.dumps(found["boundary"])
        self.context = found["context"]
        who = Principal(found["principal"], found["principal"].split(":")[4], "user")
        context = Context(self.context)
        self.requests = [
            Request(action, resource, context, who) for action, resource in found["requests"]
        ]
        self.of_each_action = list({each.action: each for each in self.requests}.values())

    def policies(self) -> Policies:
        """A new set, which remembers nothing; its documents are compiled."""
        managed = [
            Policy(load(text), name) for text, name in zip(self.managed, self.names, strict=True)
        ]
        own = Policies(
            (*managed, Policy(load(self.inline), "inline")), Policy(load(self.boundary), "b")
        )
        evaluate(Request("none:None", "*", Context()), own)
        return own


def main() -> None:
    for name in WORKLOADS:
        workload = Workload(name)
        print(f"\n{name}: {len(workload.requests)} requests, best of {ROUNDS} rounds")
        for what, figure, unit, target in figures(workload):
            print(f"  {what:<44} {figure:>9.2f} {unit:<4} {target}")
    print("\nWhole instances")
    show_differences(Workload(WORKLOADS[0]))
    show_memory(Workload(WORKLOADS[0]))
    show_hostile()


def figures(workload: Workload) -> Iterable[tuple[str, float, str, str]]:
    """What is measured, the figure, its unit, and what is to be reached."""
    requests, distinct = workload.requests, workload.of_each_action
    warm = workload.policies()
    for request in requests:
        evaluate(request, warm)
    per = 1e6 / len(requests)
    yield "decision, warm", best(lambda: ask(evaluate, requests, warm)) * per, "µs", "≤ 1.5"
    cold = min(once(lambda new: ask(evaluate, distinct, new), workload) for _ in range(ROUNDS))
    yield "decision, action not seen before", cold * 1e6 / len(distinct), "µs", "≤ 25"
    normal = best(lambda: [Context(workload.context) for _ in requests]) * per
    yield f"context of {len(workload.context)} keys, once per request", normal, "µs", ""
    explained = best(lambda: ask(explain, requests, warm)) * per
    yield "explanation, every statement", explained, "µs", "≤ 300"
    told = best(lambda: [explain(each, warm).sentences() for each in requests]) * per
    yield "explanation and its sentences", told, "µs", ""
    refused = [(evaluate(each, warm), each) for each in requests]
    refused = [pair for pair in refused if not pair[0].allowed]
    said = best(lambda: [denial(*pair) for pair in refused]) * 1e6 / len(refused)
    yield "AccessDenied sentence", said, "µs", ""
    yield (
        "read and compile the ten policies",
        best(lambda: compile_all(workload)) * 1e3,
        "ms",
        "≤ 50",
    )
    yield (
        "parse and compile the inline policy",
        best(lambda: parse(workload.inline)) * 1e3,
        "ms",
        "",
    )
    yield "lint 6 kB, ten services", best(lambda: lint(ordinary())) * 1e3, "ms", "≤ 20"


def ask(
    question: Callable[[Request, Policies], object], requests: Iterable[Request], own: Policies
) -> None:
    for request in requests:
        question(request, own)


def once(work: Callable[[Policies], None], workload: Workload) -> float:
    own = workload.policies()
    return seconds(lambda: work(own))


def compile_all(workload: Workload) -> None:
    load.cache_clear()
    for text in workload.managed:
        rules(load(text))


def show_differences(workload: Workload) -> None:
    """A group of 5,000 gets another policy; its members have three different sets of policies."""
    documents = [load(text) for text in workload.managed]
    small = load(statement(0))

    def members(added: Document) -> list[tuple[str, Policies, Policies]]:
        found = []
        for number in range(5000):
            own = tuple(Policy(each, "own") for each in documents[2 : 5 + number % 3])
            found.append((str(number), Policies(own), Policies((*own, Policy(added, "new")))))
        return found

    for what, added in (("a small policy", small), ("ReadOnlyAccess", documents[0])):
        changes = members(added)
        took = best(partial(differences, changes), 3) * 1e3
        print(f"  a group of 5,000 gets {what:<22} {took:>9.0f} ms   ≤ 150")


def show_memory(workload: Workload) -> None:
    """500 principals, each with ten of 200 documents of 2 kB or of AWS's, all asked 200 actions."""
    load.cache_clear()
    texts = [statement(number) for number in range(DOCUMENTS)] + workload.managed
    requests = workload.of_each_action[:200]
    tracemalloc.start()
    principals = []
    for number in range(PRINCIPALS):
        picked = [texts[(number * 7 + step * 31) % len(texts)] for step in range(ATTACHMENTS)]
        principals.append(Policies(tuple(Policy(load(text), "p") for text in picked)))
        ask(evaluate, requests, principals[-1])
    used = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    print(f"  memory of {PRINCIPALS} principals                     {used:>9.0f} MB   ≤ 150")


def statement(number: int) -> str:
    """A document of about 2 kB; no two numbers give the same."""
    actions = [
        f"service{number % 9}:{verb}Thing{each}*" for each in range(20) for verb in ("Get", "Put")
    ]
    found = {"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::bucket{number}/*"}
    guarded = found | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": f"team{number}"}}}
    return json.dumps({"Version": "2012-10-17", "Statement": [found, guarded]})


def show_hostile() -> None:
    """Every document of `tests/engine/hostile.py`: what it costs to compile, to match, to check."""
    print("\nThe slowest documents we know, of up to 131,072 characters")
    for name, slow in hostile.MATCHING.items():
        show(f"compile {name}", best(partial(compile_text, slow.text), 3), 200)
        own = Policies((Policy(parse(slow.text), "slow"),))
        took = 0.0
        for resource, context in (slow.near, slow.fits):
            request = Request("s3:GetObject", resource, Context(context))
            evaluate(request, own)
            took = max(took, best(partial(evaluate, request, own), 3))
        show(f"match {name}", took, 50)
    for name, (text, _) in hostile.READING.items():
        show(f"read {name}", best(partial(compile_text, text), 3), 200)
    for name, (text, _) in hostile.CHECKING.items():
        show(f"lint {name}", best(partial(lint, text), 3), 1000)


def show(what: str, took: float, most: int) -> None:
    print(f"  {what:<62} {took * 1e3:>7.1f} ms   ≤ {most}")


def compile_text(text: str) -> None:
    with suppress(MalformedPolicy):
        document = parse(text)
        for each in document.statements:
            Rule(each, document.has_variables)


def ordinary() -> str:
    """A policy of 6 kB, such as somebody might write."""
    services = "s3 sns sqs iam ec2 lambda dynamodb kms logs rds".split()
    statements = [
        {
            "Effect": "Allow",
            "Action": [f"{service}:Get*", f"{service}:List*", f"{service}:Delete{number}"],
            "Resource": [f"arn:aws:{service}:eu-west-1:111122223333:thing/{number}-{service}/*"],
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
        }
        for number, service in zip(range(26), services * 3, strict=False)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the quickest of several rounds."""
    return min(seconds(work) for _ in range(rounds))


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()  # what else the machine does is not our figure
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
