"""EPCIS documents, good and hostile."""
import gzip
import json

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"yh": "https://yunhe.example/epcis/"}]
NESTED = 100_000
COMMAS = b"[" + b"1," * (8 * 1024 * 1024 - 1)  # what takes most memory to read


def event(serial, **more):
    return {"type": "ObjectEvent", "eventTime": "2026-05-04T08:00:00.000Z", "eventTimeZoneOffset": "+08:00",
            "action": "OBSERVE", "bizStep": "shipping",
            "epcList": [f"https://id.gs1.org/01/06901234567892/21/{serial}"], **more}


def document(events):
    return json.dumps({"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0",
                       "creationDate": "2026-05-04T08:00:00.000Z", "epcisBody": {"eventList": events}}).encode()


def with_extension(text):
    """A document whose event has the extension yh:x, and that JSON for its value."""
    return document([event(1, **{"yh:x": "HERE"})]).replace(b'"HERE"', text)


def hostile():
    """(what it is, body, headers in place of the type's, statuses that are right)."""
    good = document([event(2)])
    kind = "Content-Type: application/json\r\n"
    return [
        ("an empty body", b"", kind, {400}),
        ("nesting of arrays", b"[" * NESTED, kind, {400}),
        ("nesting of objects", b'{"a":' * NESTED + b"1" + b"}" * NESTED, kind, {400}),
        ("nesting in an extension", with_extension(b"[" * NESTED + b"]" * NESTED), kind, {400}),
        ("nesting in XML", b"<a>" * NESTED + b"</a>" * NESTED, "Content-Type: application/xml\r\n", {400, 413}),
        ("entities in XML", b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>',
         "Content-Type: application/xml\r\n", {400}),
        ("a number without end", with_extension(b"1e999"), kind, {400}),
        ("a number of 10,000 digits", with_extension(b"1" * 10_000), kind, {202, 400}),
        ("a number of 10,000 digits below one", with_extension(b"0." + b"1" * 10_000), kind, {202, 400}),
        ("a text of a megabyte", with_extension(b'"' + b"x" * 1_000_000 + b'"'), kind, {400, 413}),
        ("Latin-1 by name", good, "Content-Type: application/json; charset=iso-8859-1\r\n", {415}),
        ("Latin-1 in fact", with_extension(b'"\xe9\xe8"'), kind, {400}),
        ("a lone surrogate", with_extension(b'"\\ud800"'), kind, {400}),
        ("an overlong NUL", with_extension(b'"\xc0\x80"'), kind, {400}),
        ("UTF-16", good.decode().encode("utf-16"), kind, {400}),
        ("UTF-16 by name", good.decode().encode("utf-16"), "Content-Type: application/json; charset=utf-16\r\n", {415}),
        ("gzip", gzip.compress(good), kind + "Content-Encoding: gzip\r\n", {400, 415}),
        ("a zip bomb", gzip.compress(b"[" * 10_000_000), kind + "Content-Encoding: gzip\r\n", {400, 415}),
        ("no type", good, "", {415}),
        ("two types", good, kind * 2, {202, 400}),
        ("zeros", b"\0" * 100_000, kind, {400}),
        ("two documents", good + good, kind, {400}),
        ("sixteen megabytes of blanks", good + b" " * (16 * 1024 * 1024 - len(good)), kind, {202}),
        ("sixteen megabytes of commas", COMMAS, kind, {400, 413}),
        ("a byte above sixteen megabytes", b" " * (16 * 1024 * 1024 + 1), kind, {413}),
    ]


def shapes():
    """Requests that two readers could take apart differently: (what, bytes, statuses that are right). One answer, and
    nothing of what stands behind it is ever a request of its own: it would answer 200 with the headers it came with."""
    inner = b"GET /test/headers HTTP/1.1\r\nHost: lot.example\r\n\r\n"
    post = b"POST /capture HTTP/1.1\r\nHost: lot.example\r\nContent-Type: application/json\r\n"

    def chunked(size):
        return post + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n{}\r\n0\r\n\r\n"

    refused = {400, 413, 501}
    return [
        ("two lengths", post + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", refused),
        ("two lengths that differ", post + b"Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + inner, refused),
        ("a list of lengths", post + b"Content-Length: 2, 2\r\n\r\n{}", refused),
        ("a signed length", post + b"Content-Length: +2\r\n\r\n{}", refused),
        ("a negative length", post + b"Content-Length: -2\r\n\r\n{}", refused),
        ("a length of twenty digits", post + b"Content-Length: 18446744073709551618\r\n\r\n{}", refused),
        ("both lengths", post + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner, refused),
        ("both lengths the other way", post + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + inner,
         refused),
        ("a coding before chunked", post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + inner, refused),
        ("a coding after chunked", post + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + inner, refused),
        ("another coding", post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + inner, refused),
        ("two codings", post + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner, refused),
        ("a vertical tab in the coding", post + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + inner, refused),
        ("a negative chunk", chunked(b"-1"), refused),
        ("a chunk with 0x", chunked(b"0x2"), refused),
        ("a chunk with a sign", chunked(b"+2"), refused),
        ("a chunk of twenty digits", chunked(b"f" * 20), refused),
        ("a chunk without a size", chunked(b""), refused),
        ("a size and a bare CR", post + b"Transfer-Encoding: chunked\r\n\r\n2\r{}\r\n0\r\n\r\n" + inner, refused),
        ("a blank before the colon", post + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + inner, refused | {411}),
        ("a NUL in a header", post + b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}", refused),
        ("no Host", b"GET / HTTP/1.1\r\n\r\n", refused),
        ("two Hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", refused),
        ("HTTP/3.0", b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", {400, 505}),
        ("no version", b"GET / HTTP\r\nHost: a\r\n\r\n", refused),
        ("a target that is no path", b"GET test/headers HTTP/1.1\r\nHost: a\r\n\r\n", refused),
        ("CONNECT", b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n", {400, 405}),
        ("TRACE", b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {400, 405}),
        ("bytes that are no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01" * 40 + b"\r\n\r\n", refused),
    ]
