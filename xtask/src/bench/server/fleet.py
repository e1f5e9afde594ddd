"""Fills a store with very many images: fleet.py DATABASE ARTIFACTS PACKAGES

The packages are those of the one image that the store has; each new image gets some of them. Written past
the store, since going through it would take an hour; what lists repeat is written as the store writes it.
"""
import hashlib
import random
import sqlite3
import sys

path, artifacts, packages = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(1)
db = sqlite3.connect(path)
db.execute("PRAGMA synchronous = OFF")
db.execute("PRAGMA cache_size = -400000")


def packed(numbers):
    """Ascending numbers as the differences between them, seven bits a byte."""
    out, before = bytearray(), 0
    for number in numbers:
        rest, before = number - before, number
        while rest > 0x7F:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


one = lambda text, *values: db.execute(text, values).fetchone()
units = [row[0] for row in db.execute("SELECT id FROM units WHERE name LIKE 'p%' ORDER BY id")]
findings = {}
for unit, severity, fixable in db.execute("SELECT unit_id, severity, fixable FROM unit_findings WHERE counts = 1"):
    findings.setdefault(unit, []).append((severity, fixable))
(namespace,) = one("SELECT id FROM namespaces WHERE name = 'bench'")
(form,) = one("SELECT form FROM inventories LIMIT 1")
snapshot, policy = one("SELECT snapshot_digest FROM results LIMIT 1")[0], one("SELECT policy_digest FROM verdicts LIMIT 1")
policy = policy[0] if policy else "sha256:" + "0" * 64
inventories, (first,) = one("SELECT MAX(id) FROM inventories")[0], one("SELECT MAX(id) FROM artifacts")
db.execute("BEGIN")
for number in range(1000):
    db.execute("INSERT INTO repositories (namespace_id, name, created_at) VALUES (?, ?, 1)", (namespace, f"fleet/r{number}"))
repositories = [row[0] for row in db.execute("SELECT id FROM repositories WHERE name LIKE 'fleet/%'")]
links = []
for number in range(1, artifacts + 1):
    mine = sorted(random.sample(units, packages))
    digest = "sha256:" + hashlib.sha256(str(number).encode()).hexdigest()
    artifact, inventory = first + number, inventories + number
    counts, fixable = [0] * 6, 0
    for unit in mine:
        for severity, fix in findings.get(unit, ()):
            counts[severity] += 1
            fixable += fix
    critical, high, medium, low, other = counts[5], counts[4], counts[3], counts[2], counts[1] + counts[0]
    rank = 0
    for count in (critical, high, medium, low):
        rank = rank * 10000 + min(count, 9999)
    answer = "deny" if number % 10 == 0 else "allow"
    repository = repositories[number % 1000]
    db.execute("INSERT INTO inventories (id, digest, content, form, units, created_at) VALUES (?, ?, ?, ?, ?, 1)",
               (inventory, digest, b"x" * 50, form, packed(mine)))
    db.execute("INSERT INTO manifests (digest, content, used_at) VALUES (?, ?, 1)", (digest, b'{"layers":[]}'))
    db.execute("INSERT INTO artifacts (id, repository_id, digest, media_type, size_bytes, annotations, pushed_at,"
               " namespace_id, rank, state, verdict, has_fix, scanned_at, has_tag)"
               " VALUES (?, ?, ?, 'application/vnd.oci.image.manifest.v1+json', 13, '{}', ?, ?, ?, 'complete', ?, ?, 1, 1)",
               (artifact, repository, digest, number, namespace, rank, answer, int(fixable > 0)))
    db.execute("INSERT INTO tags (repository_id, name, artifact_id, moved_at) VALUES (?, ?, ?, 1)",
               (repository, f"v{number % 7}.{number // 1000}", artifact))
    db.execute("INSERT INTO scans (artifact_id, outcome, asked_by, asked_at, ended_at) VALUES (?, 'complete', 'system', 1, 1)", (artifact,))
    db.execute("INSERT INTO results (artifact_id, scan_id, inventory_id, snapshot_digest, report_digest, critical, high,"
               " medium, low, other, fixable, incomplete, scanned_at) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1)",
               (artifact, inventory, snapshot, digest, critical, high, medium, low, other, fixable))
    db.execute("INSERT INTO verdicts (artifact_id, answer, reasons, policy_digest, report_digest, decided_at) VALUES (?, ?, '[]', ?, ?, 1)",
               (artifact, answer, policy, digest))
    links.extend((unit << 32) | inventory for unit in mine)
links.sort()
db.executemany("INSERT OR IGNORE INTO inventory_units (unit_id, inventory_id) VALUES (?, ?)",
               ((link >> 32, link & 0xFFFFFFFF) for link in links))
db.commit()
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
