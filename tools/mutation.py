"""Kill rates by package, then the surviving mutants, of pitest's mutations.xml."""

import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict

KILLED = {"KILLED", "TIMED_OUT", "MEMORY_ERROR", "RUN_ERROR"}
WANTED = 90

counts = defaultdict(lambda: [0, 0])
survivors = []
for file in sys.argv[1:]:
    for mutation in ElementTree.parse(file).getroot():
        name = mutation.findtext("mutatedClass").removeprefix("io.vipscope.core.model.")
        killed = mutation.get("status") in KILLED
        for group in (name.split(".")[0], "total"):
            counts[group][0] += killed
            counts[group][1] += 1
        if not killed:
            survivors.append((
                name,
                int(mutation.findtext("lineNumber")),
                mutation.findtext("mutator").rsplit(".", 1)[-1].removesuffix("Mutator"),
                mutation.findtext("description"),
                "not run" if mutation.get("status") == "NO_COVERAGE" else "",
            ))

for group, (killed, total) in sorted(counts.items(), key=lambda c: (c[0] == "total", c[0])):
    print(f"{group:<12} {killed:>5} of {total:>5} killed  {100 * killed / total:5.1f} %")
print("\nSurvivors")
for name, line, mutator, description, why in sorted(survivors):
    print(f"{name}:{line} {mutator}: {description}{', ' + why if why else ''}")
killed, total = counts["total"]
sys.exit(0 if killed * 100 >= WANTED * total else 1)
