"""The witness: on the auditor's own machine it keeps the last head, and refuses one that does not continue it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from adapters.proof import verify
from adapters.proof.bundle import canonical
from adapters.proof.signing_keys import KeyChain
from adapters.proof.unpacking import unpacked
from application.proof.note import BadNote, Checkpoint, VerifierKey, opened_checkpoint, unbase64
from application.proof.proofs import follows_consistency

AUDIT = "/api/v1/audit"
TIMEOUT_S = 30

Consistency = Callable[[int, int], Sequence[bytes]]
"""The proof that the tree of the second size grew out of that of the first."""


class WitnessRefused(Exception):
    """The head does not continue the one that is kept: keep both, and ask the operator."""


class Unanswered(Exception):
    """The service did not answer, or not as it must."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A head that was taken: it, the key that signed it, and how many events were known before; None at first."""

    head: Checkpoint
    key: VerifierKey
    before: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file holds: a head and the key that signed it."""

    note: str
    key: VerifierKey

    @property
    def head(self) -> Checkpoint:
        """The head. Raises BadNote."""
        return opened_checkpoint(self.note, self.key)


class Witness:
    """Keeps the last head of one log in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def kept(self) -> Kept | None:
        """The last head; None before the first. Raises BadNote, OSError."""
        if not self._file.exists():
            return None
        try:
            document = json.loads(self._file.read_text("utf-8"))
            return Kept(document["checkpoint"], VerifierKey.parse(document["key"]))
        except (ValueError, TypeError, KeyError) as error:
            raise BadNote(f"{self._file} is not a file of this witness") from error

    def from_service(self, url: str, api_key: str, given: VerifierKey | None = None) -> Witnessed:
        """Take the newest head of a service. Raises WitnessRefused, Unanswered, BadNote, OSError."""
        service = _Service(url, api_key)
        try:
            known = json.loads(service.get("/keys"))
            chain = KeyChain(VerifierKey.parse(known["first"]), known["rotations"])
            return self.take(chain, service.get("/checkpoint"), service.consistency, given)
        except (ValueError, TypeError, KeyError) as error:
            raise Unanswered(f"{url} answered what no service of this kind does") from error

    def from_bundle(self, bundle: Path, given: VerifierKey | None = None) -> Witnessed:
        """Take the head of a bundle of the whole log, once it is verified. Raises as from_service, and BadBundle."""
        kept = self.kept()
        with unpacked(bundle) as folder:
            checked = verify.check(folder, kept.note.encode() if kept else None)
            if checked.faults:
                raise WitnessRefused("; ".join(str(fault) for fault in checked.faults))
            known = json.loads((folder / "keys.json").read_bytes())
            note = (folder / "checkpoint").read_text("utf-8")
        chain = KeyChain(VerifierKey.parse(known["first"]), known["rotations"])
        return self._keep(chain, note, given, kept)

    def take(self, chain: KeyChain, note: str, proof: Consistency, given: VerifierKey | None = None) -> Witnessed:
        """Keep a head if it continues the one that is kept. Raises WitnessRefused, BadNote, OSError."""
        kept, new = self.kept(), opened_checkpoint(note, chain.newest)
        if kept:
            _check_follows(kept, new, proof)
        return self._keep(chain, note, given, kept)

    def _keep(self, chain: KeyChain, note: str, given: VerifierKey | None, kept: Kept | None) -> Witnessed:
        every = chain.every()
        if kept and kept.key not in every:
            raise WitnessRefused(f"the key {kept.key} that signed the head you hold is none of this log")
        if given and given not in every:
            raise WitnessRefused(f"the key you were given, {given}, is none of this log")
        draft = self._file.with_name(f"{self._file.name}.new")
        draft.write_bytes(canonical({"checkpoint": note, "key": str(chain.newest)}))
        draft.replace(self._file)
        return Witnessed(opened_checkpoint(note, chain.newest), chain.newest, kept.head.size if kept else None)


def _check_follows(kept: Kept, new: Checkpoint, proof: Consistency) -> None:
    old = kept.head
    if old.origin != new.origin:
        raise WitnessRefused(f"this is the log {new.origin}; the head you hold is of {old.origin}")
    if new.size < old.size:
        raise WitnessRefused(
            f"the log was cut off or put back: the head you hold has {old.size} events, this has {new.size}"
        )
    hashes = proof(old.size, new.size) if old.size < new.size else []
    if not follows_consistency(old.size, new.size, hashes, old.root, new.root):
        raise WitnessRefused(f"history was rewritten: {new.size} events do not continue the {old.size} you hold")


class _Service:
    def __init__(self, url: str, api_key: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise Unanswered(f"{url} is no address of a service: give one with http:// or https://")
        self._base, self._api_key = url.rstrip("/") + AUDIT, api_key

    def get(self, path: str, **query: Any) -> str:
        """What the service answers. Raises Unanswered."""
        address = self._base + path + (f"?{urlencode(query)}" if query else "")
        asked = Request(address, headers={"Authorization": f"Bearer {self._api_key}"})  # noqa: S310  checked above
        try:
            with urlopen(asked, timeout=TIMEOUT_S) as answer:  # noqa: S310  checked above
                return str(answer.read().decode())
        except HTTPError as error:
            with error:
                raise Unanswered(f"{address} answered {error.code}: is the key an auditor's?") from error
        except (URLError, TimeoutError, UnicodeDecodeError) as error:
            raise Unanswered(f"{address} did not answer") from error

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The service's proof."""
        answer = json.loads(self.get("/proofs/consistency", **{"from": old, "to": new}))
        return [unbase64(one) for one in answer["hashes"]]
