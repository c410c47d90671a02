"""What a program needs of sealing and proofs, in one place for bootstrap."""

from dataclasses import dataclass
from pathlib import Path

from adapters.postgres.pool import Pool
from adapters.proof.bundle import BundleWriter
from adapters.proof.feed import Feed
from adapters.proof.reads import ProofReads
from adapters.proof.sealer import Sealer
from adapters.proof.signing_keys import SigningKeys


@dataclass(frozen=True, slots=True)
class Proof:
    """The sealer, what reads its tree, what writes bundles, the keys that sign, and who follows the log."""

    sealer: Sealer
    reads: ProofReads
    bundles: BundleWriter
    keys: SigningKeys
    feed: Feed


def proof_parts(dsn: str, pool: Pool, master_key: bytes, home: Path) -> Proof:
    """The parts over the service's own connection string; `home` keeps the head that was signed last."""
    keys = SigningKeys(master_key)
    reads = ProofReads(pool, keys)
    return Proof(Sealer(dsn, master_key, home), reads, BundleWriter(dsn, keys), keys, Feed(dsn, reads))
