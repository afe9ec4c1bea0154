"""XML that clients of S3 send: read along the model, and refused where it is anything else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from botocore.serialize import create_serializer
from hypothesis import given, settings
from hypothesis import strategies as st

from iamconsole.api.s3 import documents
from iamconsole.api.s3.routes import MODEL
from iamconsole.sandbox.s3_errors import MalformedXML
from tests.api import model

DELETE = MODEL.shapes["DeleteObjectsRequest"]["members"]["Delete"]
COMPLETE = MODEL.shapes["CompleteMultipartUploadRequest"]["members"]["MultipartUpload"]
# XML holds no other characters; carriage returns, tabs and line ends it has to escape.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20
)


@settings(max_examples=50, deadline=None)
@given(keys=st.lists(TEXTS.filter(bool), min_size=1, max_size=5), quiet=st.booleans())
def test_what_botocore_writes_is_read_back(keys, quiet):
    wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": quiet}
    operation = model.service("s3").operation_model("DeleteObjects")
    made = create_serializer("rest-xml").serialize_to_request(
        {"Bucket": "bucket", "Delete": wanted}, operation
    )
    assert documents.read(made["body"], DELETE) == wanted


def test_ten_thousand_parts_are_read():
    part = "<Part><ETag>&quot;a&quot;</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32>"
    text = "".join(f"{part}<PartNumber>{n}</PartNumber></Part>" for n in range(1, 10_001))
    found = documents.read(
        f"<CompleteMultipartUpload>{text}</CompleteMultipartUpload>".encode(), COMPLETE
    )
    assert len(found["Parts"]) == 10_000
    assert found["Parts"][9] == {"ETag": '"a"', "ChecksumCRC32": "AAAAAA==", "PartNumber": 10}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<Delete>",
        "<Delete/>",
        "nonsense",
        "<Other><Object><Key>a</Key></Object></Other>",
        "<Delete><Object/></Delete>",
        "<Delete><Object><Key>a</Key><Other/></Object></Delete>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        "<Delete><Object><Key>a<b/></Key></Object></Delete>",
        "<Delete><Object><Key>a</Key></Object><Quiet>perhaps</Quiet></Delete>",
        "<Delete><Object><Key>a</Key><Size>-1</Size></Object></Delete>",
        "<Delete><Object><Key>a</Key><Size>" + "9" * 5000 + "</Size></Object></Delete>",
        '<!DOCTYPE Delete [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><Delete><Object><Key>a</Key></Object></Delete>',
        '<?xml version="1.0" encoding="nonsense"?><Delete><Object><Key>a</Key></Object></Delete>',
        '<?xml version="1.0" encoding="utf-7"?><Delete><Object><Key>a</Key></Object></Delete>',
        "<Delete>" + "<a>" * 100_000,
        "<Delete>" + "<Object><Key>a</Key></Object>" * 30_000 + "</Delete>",
        "<Delete><Object><Key>\x00</Key></Object></Delete>",
        "<Delete><Object><Key>\ud800</Key></Object></Delete>",
    ],
    ids=range(20),
)
def test_what_is_no_document_of_s3_is_malformed(text):
    with pytest.raises(MalformedXML):
        documents.read(text.encode("utf-8", "surrogatepass"), DELETE)


@given(text=st.binary(max_size=300))
def test_any_bytes_are_a_document_or_malformed(text):
    for wrapped in (text, b"<Delete>" + text + b"</Delete>"):
        with suppress(MalformedXML):
            assert documents.read(wrapped, DELETE)["Objects"]
