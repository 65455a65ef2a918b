"""Kill rates by package, then the surviving mutants, of pitest's mutations.xml: those that are
argued to change no answer with their reason (tools/mutations/equivalent), and those that are not.

usage: mutation.py ARGUED SOURCES FILE...

ARGUED has a reason on a line of its own, and below it, indented, the survivors that it is about:
    CLASS#METHOD MUTATOR: LINE
with the class behind io.vipscope.core.model, the mutator's name without "Mutator", and the line of
source text that it is on. Where the line has several mutants of the kind, their place among these
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
ENTRY = re.compile(r"(?P<place>\S+#\S+) (?P<mutator>\w+(\.\d+)?): (?P<line>.+)")


class Survivor(NamedTuple):
    """What an entry of the file names."""

    place: str
    mutator: str
    line: str


def argued(path):
    """Survivor -> reason, as the file has it."""
    reasons = {}
    reason = None
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if not text.strip() or text.startswith("#"):
            continue
        if not text[0].isspace():
            reason = text.strip()
            continue
        entry = ENTRY.fullmatch(text.strip())
        if entry is None or reason is None:
            sys.exit(f"{path}:{number}: a reason, or CLASS#METHOD MUTATOR: LINE was expected")
        survivor = Survivor(entry["place"], entry["mutator"], entry["line"])
        if survivor in reasons:
            sys.exit(f"{path}:{number}: {' '.join(survivor[:2])} is named twice")
        reasons[survivor] = reason
    return reasons


class Mutants:
    """All of one run's mutants, with the source lines that they are on."""

    def __init__(self, files, sources):
        self.counts = defaultdict(lambda: [0, 0])
        self.survivors = []  # with their number of line and what else is to say
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
                self.survivors.append((
                    Survivor(within, which, self.line(name, number)),
                    number,
                    ", not run" if mutation.get("status") == "NO_COVERAGE" else "",
                ))
        self.survivors.sort()


def first(pair):
    return pair[0]


def main(reasons, sources, *files):
    mutants = Mutants(files, Path(sources))
    packages = set(mutants.counts) - {"total"}
    reasons = {s: r for s, r in argued(Path(reasons)).items() if s.place.split(".")[0] in packages}
    for group, (killed, total) in sorted(mutants.counts.items(), key=lambda c: (c[0] == "total", c[0])):
        print(f"{group:<12} {killed:>5} of {total:>5} killed  {100 * killed / total:5.1f} %")
    print("\nSurvivors")
    for survivor, number, how in mutants.survivors:
        place, mutator, line = survivor
        print(f"{place.replace('#', f':{number} ', 1)} {mutator}{how}: {line}")
        print(f"    {'equivalent: ' + reasons[survivor] if survivor in reasons else 'not argued'}")
    found = {survivor for survivor, _, _ in mutants.survivors}
    stale = sorted(set(reasons) - found)
    if stale:
        print("\nArgued, but no survivor (any more)")
        for place, mutator, line in stale:
            print(f"{place} {mutator}: {line}")
    missing = sum(survivor not in reasons for survivor, _, _ in mutants.survivors)
    equivalent = len(mutants.survivors) - missing
    print(f"\n{len(mutants.survivors)} survivors: {equivalent} equivalent, {missing} not argued; {len(stale)} stale")
    killed, total = mutants.counts["total"]
    return 0 if killed * 100 >= WANTED * total and not missing and not stale else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
