#!/usr/bin/env python3
"""Reads and verifies one stored object, written from docs/FORMAT.md alone: a second reader.

Prints its metadata and members as JSON; exits with 1 and a reason when it is not as it should be.
Needs Python 3.9 and the `zstd` command.
"""

import hashlib
import json
import re
import struct
import subprocess
import sys
import zlib

SEEKABLE = bytes.fromhex("b1ea928f")
MEMBERS_FRAME, HEADER_FRAME, SEEK_FRAME = 0x184D2A51, 0x184D2A50, 0x184D2A5E
LIMITS = {b"QEft": 64 << 20, b"QEmd": 1 << 20, b"QEmb": 256 << 20}
MASK = (1 << 64) - 1
P1, P2, P3, P4, P5 = (
    11400714785074694791, 14029467366897019727, 1609587929392839161,
    9650029242287828579, 2870177450012600261,
)


class Damaged(Exception):
    """The object breaks the format."""


def need(condition, why):
    if not condition:
        raise Damaged(why)


def rotate(x, by):
    return (x << by | x >> (64 - by)) & MASK


def xxh64(data):
    """XXH64 with seed 0, as the xxHash specification gives it."""
    def mix(acc, lane):
        return rotate((acc + lane * P2) & MASK, 31) * P1 & MASK

    at, end = 0, len(data)
    if end >= 32:
        lanes = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
        while at + 32 <= end:
            for i, lane in enumerate(struct.unpack_from("<4Q", data, at)):
                lanes[i] = mix(lanes[i], lane)
            at += 32
        h = sum(rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            h = ((h ^ mix(0, lane)) * P1 + P4) & MASK
    else:
        h = P5
    h = (h + end) & MASK
    while at + 8 <= end:
        h = (rotate(h ^ mix(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= end:
        h = (rotate(h ^ struct.unpack_from("<I", data, at)[0] * P1 & MASK, 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * P5 & MASK, 11) * P1 & MASK
    h = (h ^ h >> 33) * P2 & MASK
    h = (h ^ h >> 29) * P3 & MASK
    return h ^ h >> 32


def unzstd(data):
    done = subprocess.run(["zstd", "-d", "-q", "-c"], input=data, capture_output=True)
    need(done.returncode == 0, f"zstd: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def inflate(data, wbits, most):
    """Exactly one zlib or gzip stream of at most `most` bytes."""
    stream = zlib.decompressobj(wbits)
    try:
        out = stream.decompress(data, most + 1)
    except zlib.error as error:
        raise Damaged(f"zlib: {error}") from error
    need(stream.eof and not stream.unused_data, "a compressed run does not end where it should")
    return out


def take_section(tag, data):
    """One section off the front of `data`: its body, and what follows it."""
    need(len(data) >= 24 and data[:4] == tag, f"no section {tag}")
    version, encoding, zero, stored, length = struct.unpack_from("<BBHII", data, 4)
    end = 16 + stored
    need(len(data) >= end + 8, f"{tag} is cut short")
    need(struct.unpack_from("<Q", data, end)[0] == xxh64(data[:end]), f"{tag}: wrong checksum")
    need(version == 1, f"{tag} was made by a newer version")
    need(zero == 0 and length <= LIMITS[tag] and encoding <= 2, f"{tag}: impossible fields")
    body = data[16:end]
    if encoding == 1:
        body = unzstd(body)
    elif encoding == 2:
        body = inflate(body, 15, length)
    need(len(body) == length, f"{tag} has another length than it says")
    return body, data[end + 8:]


def skippable(magic, data):
    need(data[:8] == struct.pack("<II", magic, len(data) - 8), f"no skippable frame {magic:#x}")
    return data[8:]


def carried(ident, run):
    head = bytes.fromhex("1f8b08040000000000ff")
    empty = bytes.fromhex("03000000000000000000")
    return head + struct.pack("<H2sH", len(run) + 4, ident, len(run)) + run + empty


def uncarry(data):
    out, at = b"", 0
    while at < len(data):
        member = data[at:at + 61440 + 26]
        run = member[16:-10]
        need(run and member == carried(b"QE", run), "a carrier is not as it should be")
        out += run
        at += len(member)
    return out


def read_tail(data):
    """Container, body of the description, where it begins, and what follows the description."""
    if data[-4:] == SEEKABLE:
        need(len(data) >= 17, "cut short")
        count = struct.unpack_from("<I", data, len(data) - 9)[0]
        table = len(data) - (8 * count + 17)
        need(table >= 0 and count, "the seek table is longer than the object")
        begin = table - struct.unpack_from("<I", data, len(data) - 17)[0]
        need(begin >= 0, "the description is longer than the object")
        return "zstd", skippable(HEADER_FRAME, data[begin:table]), begin, data[table:]
    footer = data[-58:]
    run = footer[16:-10]
    need(len(footer) == 58 and footer == carried(b"QF", run), "it does not end as an object does")
    magic, zeros, begin, check = struct.unpack("<4s12sQQ", run)
    need(magic == b"QEgz" and not any(zeros) and check == xxh64(run[:24]), "wrong footer")
    need(begin <= len(data) - 58, "the description is longer than the object")
    return "gzip", uncarry(data[begin:-58]), begin, footer


def check_metadata(metadata):
    need(isinstance(metadata, dict), "the metadata is no object")
    need(not metadata.get("requires"), f"made by a newer version: {metadata.get('requires')}")
    need(metadata.get("format") == 1, "made by a newer version")

    def text(value, most=255):
        return isinstance(value, str) and 0 < len(value.encode()) <= most and not re.search(
            r"[\x00-\x1f\x7f-\x9f]", value)

    def whole(value, least=0):
        return type(value) is int and value >= least

    for field in ("job_id", "name", "media_type"):
        need(text(metadata.get(field)), f"{field} is not allowed")
    uuid = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    need(re.fullmatch(uuid, metadata.get("id", "")), "the id is no UUID of version 7")
    kind = metadata.get("artifact_type", "")
    need(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", kind) and len(kind) <= 64, "artifact_type")
    instant = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"
    need(re.fullmatch(instant, metadata.get("created_at", "")), "created_at is no instant")
    need(metadata.get("kind") in ("file", "tree"), "kind")
    need(re.fullmatch(r"none|(gzip|zstd):[0-9]{1,3}", metadata.get("codec", "")), "codec")
    need(whole(metadata.get("size_bytes")), "size_bytes")
    need(re.fullmatch("[0-9a-f]{64}", metadata.get("sha256", "")), "sha256")
    members = metadata.get("members")
    need((metadata["kind"] == "tree") == (members is not None), "a tree has members, a file none")
    need(members is None or whole(members) and members * 512 <= metadata["size_bytes"], "members")
    need(metadata.get("ttl_seconds") is None or whole(metadata["ttl_seconds"], 1), "ttl_seconds")
    need(metadata.get("keep_forever", False) in (True, False), "keep_forever")
    need(not (metadata.get("keep_forever") and metadata.get("ttl_seconds")), "keep_forever beside ttl_seconds")
    tags = metadata.get("tags")
    need(isinstance(tags, dict) and len(tags) <= 100, "tags")
    for key, value in tags.items():
        need(text(key) and "=" not in key, f"tag {key!r}")
        need(isinstance(value, str) and len(value.encode()) <= 1024 and "\0" not in value, key)


def cut(text):
    return text.encode()[:100].ljust(100, b"\0")


def tar_block(path, flag, mode, size, mtime, target=""):
    def field(number, width):
        return b"%0*o\0" % (width - 1, number)

    block = bytearray(
        cut(path) + field(mode, 8) + field(0, 8) + field(0, 8) + field(size, 12)
        + field(mtime, 12) + b" " * 8 + flag + cut(target) + b"ustar\x0000")
    block += bytes(512 - len(block))
    block[148:156] = field(sum(block), 8)
    return bytes(block)


def tar_header(member):
    path, target, size = member["path"], member.get("target", ""), member.get("size", 0)
    flag = {"file": b"0", "folder": b"5", "link": b"2"}[member["kind"]]
    path += "/" if member["kind"] == "folder" else ""
    records = b""
    for key, value, wanted in (
        ("path", path, len(path.encode()) > 100),
        ("linkpath", target, len(target.encode()) > 100),
        ("size", str(size), size >= 1 << 33),
    ):
        if wanted:
            record = f" {key}={value}\n".encode()
            length = len(record)
            while len(str(length)) + len(record) != length:
                length = len(str(length)) + len(record)
            records += str(length).encode() + record
    header = b""
    if records:
        header = tar_block("@PaxHeader", b"x", 0o644, len(records), 0)
        header += records + bytes(-len(records) % 512)
    size = size if size < 1 << 33 else 0
    return header + tar_block(path, flag, member["mode"], size, min(member["mtime"], (1 << 33) - 1), target)


def check_tree(members, content):
    kinds, at = {}, 0
    for member in members:
        path, kind = member["path"], member["kind"]
        parts = path.split("/")
        need(len(path.encode()) <= 4096 and "\0" not in path, f"{path!r}: not allowed")
        need(all(p not in ("", ".", "..") and len(p.encode()) <= 1024 for p in parts), f"{path!r}: not allowed")
        need(path not in kinds, f"{path!r} is there twice")
        need(len(parts) == 1 or kinds.get("/".join(parts[:-1])) == "folder", f"{path!r}: no folder")
        kinds[path] = kind
        need(0 <= member["mode"] <= 0o7777 and member["mtime"] >= 0, f"{path!r}: mode or time")
        need((kind == "file") == ("sha256" in member), f"{path!r}: sha256")
        need((kind == "link") == ("target" in member), f"{path!r}: target")
        if kind == "link":
            check_target(parts, member["target"])
        header = tar_header(member)
        need(content[at:at + len(header)] == header, f"{path!r}: another header in the stream")
        at += len(header)
        size = member.get("size", 0)
        if kind == "file":
            need(member.get("offset", 0) == at, f"{path!r}: its bytes lie elsewhere")
            need(at + size <= len(content), f"{path!r}: its bytes are missing")
            need(hashlib.sha256(content[at:at + size]).hexdigest() == member["sha256"], f"{path!r}: wrong SHA-256")
        else:
            need("size" not in member and "offset" not in member, f"{path!r}: no file")
        end = at + size + -size % 512
        need(not any(content[at + size:end]), f"{path!r}: bytes in the padding")
        at = end
    need(len(content) - at >= 1024 and not any(content[at:]), "the stream does not end in zeros")


def check_target(parts, target):
    need(0 < len(target.encode()) <= 4096 and not target.startswith("/"), "a link's target")
    need("\0" not in target, "a link's target")
    steps = [step for step in target.split("/") if step not in ("", ".")]
    up = next((i for i, step in enumerate(steps) if step != ".."), len(steps))
    need(".." not in steps[up:] and up < len(parts), "a link leaves the tree")


def read_object(data):
    """Metadata and members of the object `data`, and its content; everything is verified."""
    container, described, begin, after = read_tail(data)
    table, rest = take_section(b"QEft", described)
    text, rest = take_section(b"QEmd", rest)
    metadata = json.loads(text)
    check_metadata(metadata)
    need(not rest and len(table) % 16 == 0, "bytes after the description, or a cut frame table")
    need((container == "gzip") == metadata["codec"].startswith("gzip"), "codec and container")
    frames = list(struct.iter_unpack("<IIQ", table))
    at, content = 0, b""
    for stored, size, checksum in frames:
        need(0 < size <= 1 << 24 and 0 < stored <= size + size // 8 + 1024, "an impossible frame")
        frame = data[at:at + stored]
        need(len(frame) == stored and xxh64(frame) == checksum, "a frame's checksum is wrong")
        part = unzstd(frame) if container == "zstd" else inflate(frame, 31, size)
        need(len(part) == size, "a frame has another size than the table says")
        at, content = at + stored, content + part
    need(len(content) == metadata["size_bytes"], "another size than the metadata says")
    need(hashlib.sha256(content).hexdigest() == metadata["sha256"], "wrong SHA-256")
    need(at <= begin and (at < begin) == (metadata["kind"] == "tree"), "the member table")
    members = None
    if at < begin:
        between = data[at:begin]
        between = skippable(MEMBERS_FRAME, between) if container == "zstd" else uncarry(between)
        text, rest = take_section(b"QEmb", between)
        members = json.loads(text)
        need(not rest and len(members) == metadata["members"], "another count of members")
        check_tree(members, content)
    if container == "zstd":
        entries = [(stored, size) for stored, size, _ in frames]
        entries += [(begin - at, 0)] if at < begin else []
        entries += [(len(described) + 8, 0)]
        table = b"".join(struct.pack("<II", *entry) for entry in entries)
        table += struct.pack("<IB", len(entries), 0) + SEEKABLE
        need(skippable(SEEK_FRAME, after) == table, "the seek table does not agree")
    return metadata, members, content


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: read_object.py OBJECT")
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        metadata, members, _ = read_object(data)
    except (Damaged, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    json.dump({"metadata": metadata, "members": members}, sys.stdout, indent=2, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
