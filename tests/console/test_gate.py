def test_x(sign_in, admin, root, client):
    for who in (admin, root):
        b = sign_in(who, mfa=True)
        r = b.get("/nothing/")
        assert r.wsgi_request.caller.arn == who.arn
        print(r.wsgi_request.caller)
    assert client.get("/nothing").wsgi_request.caller is None
