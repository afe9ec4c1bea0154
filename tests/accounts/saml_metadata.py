"""A SAML metadata document, as an identity provider would hand it out."""

from __future__ import annotations

#: Not a real certificate: nobody signs with it, and metadata is read without checking signatures.
CERTIFICATE = "MIIB" + "A" * 700


def metadata(
    *, entity_id: str = "https://idp.example.com/", more: str = "", certificates: int = 1
) -> str:
    """The document; `more` goes into its first element's tag."""
    keys = (
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{CERTIFICATE}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    ) * certificates
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity_id}" {more}>'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{keys}"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        'Location="https://idp.example.com/sso"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
