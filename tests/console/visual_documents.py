"""Policies for the tests of the visual editor, plain and odd, and their statements."""

from __future__ import annotations

import json
from typing import Any

from iamconsole.console.policies.visual_text import Source

READ_A_BUCKET = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:ListBucket"
            ],
            "Resource": "arn:aws:s3:::examplebucket/*"
        }
    ]
}
"""

ODD = """\t{ "Id":"kept",  "Version" : "2012-10-17",
  "Statement":[ { "NotAction":["iam:*", "sts:*"], "Effect":"Deny","Resource":"*",
      "Condition" : {"BoolIfExists":{ "aws:MultiFactorAuthPresent" : false }}},

    {"Effect":"Allow", "Action":"s3:Get\\u004fbject", "NotResource":["arn:aws:s3:::secret/*"] },
    {"Sid":"Numbers","Effect":"Allow","Action":["ec2:*"],"Resource":["*"],
     "Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":[ 3600.0, "10" ,7e2 ]},
                  "Nonsense":{"x:y":"z"}, "StringEquals":"no object"}} ,
    {"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole"],"Resource":"*","Extra":null},
    "no statement"   ]
}\r\n  """

SEEDED = """{
\t"Version": "2012-10-17",
\t"Statement": {
\t\t"Effect": "Allow",
\t\t"Action": "<actions>",
\t\t"Resource": "*"
\t}
}"""

ONE_LINE = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
WINDOWS = READ_A_BUCKET.replace("\n", "\r\n")

DOCUMENTS = {
    "usual": READ_A_BUCKET,
    "odd": ODD,
    "of an article": SEEDED,
    "one line": ONE_LINE,
    "windows": WINDOWS,
    "nothing in it": "{}",
    "empty list": '{"Statement": []}',
    "statement is text": '{"Statement": "x", "Version": 5}',
    "empty statement": '{"Statement": [{}]}',
    "values of every kind": '{"Statement": [{"Effect": "allow", "Action": 5, "Resource": [["x"]],'
    ' "Condition": [], "Sid": {}}, {"Effect": null, "Action": null, "Resource": true}, [], 7]}',
    "line breaks in values": '{"Statement": [{"Sid": "a\\nb", "Effect": "Allow",'
    ' "Action": "s3:a\\nb", "Resource": ["x\\r\\ny", " z ", "", "\\ud83d\\ude00<script>"],'
    ' "Condition": {"StringEquals": {"k:\\n": "v", "k:v": ["a\\nb"], "k:w": [" ", "", "x "],'
    ' "k:none": [], "k:blank": [""]}}}]}',
    "markup": '{"Statement": [{"Sid": "\\"><b>", "Effect": "Allow", "Action": ["</textarea><b>:x"],'
    ' "Resource": "\'\\"><img src=x onerror=alert(1)>",'
    ' "Condition": {"StringLike": {"</textarea>:<b>": ["</textarea><b>"]}}}]}',
}


def statements(text: str) -> list[Any]:
    found = json.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]


def pieces(text: str) -> list[str]:
    """The statements as they are written."""
    source = Source(text)
    alone = not isinstance(source.value["Statement"], list)
    if alone:
        return [source.raw(("Statement",))]
    return [source.raw(("Statement", each)) for each in range(len(source.value["Statement"]))]
