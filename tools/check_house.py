#!/usr/bin/env python3
"""Holds the house rules that no linter knows: file lengths, module docs, leftovers, dead links."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 600
# Put together here so that this file does not find itself.
LEFTOVERS = re.compile("|".join([r"todo" + r"!\(", r"unimplemented" + r"!\(", "FIX" + "ME", r"#\[" + "ignore"]))
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def tracked(*patterns):
    out = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    return [ROOT / line for line in out.stdout.splitlines() if (ROOT / line).is_file()]


def source_lines(text):
    """Lines before the inline tests."""
    return text.split("\n#[cfg(test)]\nmod tests {", 1)[0].count("\n") + 1


def main():
    faults = []
    for path in tracked("*.rs"):
        name = path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        if (lines := source_lines(text)) > LONGEST:
            faults.append(f"{name}: {lines} lines before its tests, {LONGEST} is the ceiling")
        first = re.sub(r"^(#!\[[^\n]*\]\n)+", "", text)
        if not first.startswith("//!"):
            faults.append(f"{name}: does not begin by saying what it is for (//!)")
        for match in LEFTOVERS.finditer(text):
            line = text[: match.start()].count("\n") + 1
            faults.append(f"{name}:{line}: unfinished or skipped: {match.group()}")
    for path in tracked("*.md"):
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                if not (path.parent / target).exists():
                    faults.append(f"{path.relative_to(ROOT)}: leads to {target}, which is not there")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"house rules: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
