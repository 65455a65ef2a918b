"""Kill rates by package, then the surviving mutants, of pitest's mutations.xml: those that are
argued to change no answer with their reason (tools/mutations/equivalent), and those that are not.

usage: mutation.py ARGUED SOURCES FILE...

ARGUED has a reason on a line of its own, and below it, indented, the survivors that it is about:
    CLASS#METHOD MUTATOR: TEXT
with the class behind io.vipscope.core.model, the mutator's name without "Mutator", and some text of
the line that it is on. Where the line has several mutants of the kind, their place among these
follows the name, from 1: NegateConditionals.2. Lambdas count as the method around them. # begins a
comment. SOURCES is the folder of the packages' sources as they were mutated.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

MODEL = "io.vipscope.core.model."
KILLED = {"KILLED", "TIMED_OUT", "MEMORY_ERROR", "RUN_ERROR"}
WANTED = 90
ENTRY = re.compile(r"(?P<place>\S+#\S+) (?P<mutator>\w+(\.\d+)?): (?P<text>.+)")


class Survivor(NamedTuple):
    """A mutant that no test noticed."""

    place: str
    mutator: str
    line: str
    number: int
    run: bool

    def __str__(self):
        how = "" if self.run else ", not run"
        return f"{self.place.replace('#', f':{self.number} ', 1)} {self.mutator}{how}: {self.line}"


class Argument(NamedTuple):
    """Why a survivor changes no answer."""

    place: str
    mutator: str
    text: str
    reason: str

    def about(self, survivor):
        return self[:2] == survivor[:2] and self.text in survivor.line

    def __str__(self):
        return f"{self.place} {self.mutator}: {self.text}"


def argued(path):
    """All that the file has."""
    arguments = []
    reason = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line[0].isspace():
            reason = line.strip()
            continue
        entry = ENTRY.fullmatch(line.strip())
        if entry is None or reason is None:
            sys.exit(f"{path}:{number}: a reason, or CLASS#METHOD MUTATOR: TEXT was expected")
        arguments.append(Argument(entry["place"], entry["mutator"], entry["text"], reason))
    return arguments


class Mutants:
    """All of one run's mutants, with the source lines that they are on."""

    def __init__(self, files, sources):
        self.counts = defaultdict(lambda: [0, 0])
        self.survivors = []
        self.sources = sources
        self.texts = {}
        for file in files:
            self.read(file)

    def line(self, name, number):
        source = self.sources / (name.split("$")[0].replace(".", "/") + ".java")
        if source not in self.texts:
            self.texts[source] = source.read_text().splitlines()
        return self.texts[source][number - 1].strip()

    def read(self, file):
        kinds = defaultdict(list)
        for mutation in ElementTree.parse(file).getroot():
            name = mutation.findtext("mutatedClass").removeprefix(MODEL)
            killed = mutation.get("status") in KILLED
            for group in (name.split(".")[0], "total"):
                self.counts[group][0] += killed
                self.counts[group][1] += 1
            method = mutation.findtext("mutatedMethod")
            number = int(mutation.findtext("lineNumber"))
            mutator = mutation.findtext("mutator").rsplit(".", 1)[-1].removesuffix("Mutator")
            order = (method, [int(i.text) for i in mutation.find("indexes")])
            kinds[name, number, mutator].append((order, killed, mutation))
        for (name, number, mutator), alike in kinds.items():
            for place, ((method, _), killed, mutation) in enumerate(sorted(alike, key=first), 1):
                if killed:
                    continue
                lambdas = re.fullmatch(r"lambda\$(\w+)\$\d+", method)
                which = f"{mutator}.{place}" if len(alike) > 1 else mutator
                within = f"{name}#{lambdas[1] if lambdas else method}"
                run = mutation.get("status") != "NO_COVERAGE"
                self.survivors.append(
                    Survivor(within, which, self.line(name, number), number, run))
        self.survivors.sort()


def first(pair):
    return pair[0]


def main(reasons, sources, *files):
    mutants = Mutants(files, Path(sources))
    packages = set(mutants.counts) - {"total"}
    arguments = [a for a in argued(Path(reasons)) if a.place.split(".")[0] in packages]
    groups = sorted(mutants.counts.items(), key=lambda c: (c[0] == "total", c[0]))
    for group, (killed, total) in groups:
        print(f"{group:<12} {killed:>5} of {total:>5} killed  {100 * killed / total:5.1f} %")
    print("\nSurvivors")
    missing = 0
    for survivor in mutants.survivors:
        why = next((a.reason for a in arguments if a.about(survivor)), None)
        missing += why is None
        print(survivor)
        print("    not argued" if why is None else f"    equivalent: {why}")
    stale = [a for a in arguments if not any(a.about(s) for s in mutants.survivors)]
    if stale:
        print("\nArgued, but no survivor (any more)")
        for argument in stale:
            print(argument)
    count = len(mutants.survivors)
    print(f"\n{count} survivors: {count - missing} equivalent, {missing} not argued; "
          f"{len(stale)} argued that do not survive")
    killed, total = mutants.counts["total"]
    return 0 if killed * 100 >= WANTED * total and not missing and not stale else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
