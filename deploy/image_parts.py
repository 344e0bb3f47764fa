"""What an image consists of, run inside it: `python - NAME ID < deploy/image_parts.py` prints a CycloneDX document.

Python's packages as they are installed, Debian's as dpkg knows them. It is the same for the same image, and needs
nothing but the standard library, since an image has nothing else to spare.
"""  # noqa: INP001 - a script, which the image is given

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import quote

_DPKG = Path("/var/lib/dpkg/status")

Part = dict[str, str]


def debian(status: str) -> Iterator[Part]:
    """The packages that are installed, by dpkg's own file."""
    for paragraph in status.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            name, version = fields["Package"], fields["Version"]
            where = f"pkg:deb/debian/{name}@{quote(version, safe='')}?arch={fields['Architecture']}"
            yield _part(name, version, where)


def python() -> Iterator[Part]:
    """The distributions that Python finds."""
    for found in distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        yield _part(name, found.version, f"pkg:pypi/{name}@{quote(found.version, safe='')}")


def document(name: str, identity: str, parts: list[Part]) -> dict[str, object]:
    """As CycloneDX has it, the parts in the order of their addresses."""
    described = {"type": "container", "bom-ref": "image", "name": name, "version": identity}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": described},
        "components": sorted({part["purl"]: part for part in parts}.values(), key=lambda part: part["purl"]),
    }


def _part(name: str, version: str, where: str) -> Part:
    return {"type": "library", "bom-ref": where, "name": name, "version": version, "purl": where}


def main() -> None:
    """Print the document of where this runs."""
    name, identity = sys.argv[1:]
    installed = _DPKG.read_text(encoding="utf-8") if _DPKG.exists() else ""
    found = document(name, identity, [*debian(installed), *python()])
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
