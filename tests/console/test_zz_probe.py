import json, time
from django.urls import reverse
from tests.cast import allow, document
from tests.console.browsers import signed_in
from django.test import Client
def T(label, f):
    t=time.process_time(); r=f(); print(label, round(time.process_time()-t,2), getattr(r,'status_code',r), len(getattr(r,'content',b'')), flush=True); return r
def test_probe(admin, bob, account):
    b=signed_in(admin)
    url=reverse("console:policies-simulate")
    big=json.dumps({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]*2000})
    from accounts.engine import catalog
    acts=list(catalog.expand("s3:*"))[:200]
    T("many statements", lambda: b.post(url,{"run":"1","document":big,"actions":"\n".join(acts[:25]),"resources":""}))
    T("many statements 60", lambda: b.post(url,{"run":"1","document":big,"actions":"\n".join(acts[:200]),"resources":""}))
    mid=json.dumps({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:x":["*a*b*c%d*"%i for i in range(20)]}}}]*240})
    T("mid", lambda: b.post(url,{"run":"1","document":mid,"actions":"\n".join(acts[:200]),"resources":"","key":["aws:x"],"value":["ab"*4000]}))
    keys=json.dumps({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"k%d"%i:"a" for i in range(9000)}}}]})
    T("keys", lambda: b.post(url,{"document":keys,"key":["aws:x%d"%i for i in range(450)],"value":["a"]*450}))
    stars=json.dumps({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::"+"*a"*900+"b" for i in range(60)]}]})
    T("stars", lambda: b.post(url,{"run":"1","document":stars,"actions":"s3:GetObject","resources":"arn:aws:s3:::"+"a"*2000}))
    T("stars ctx", lambda: b.post(url,{"run":"1","document":json.dumps({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:x":["*a"*900+"b"]*60}}}]}),"actions":"s3:GetObject","key":["aws:x"],"value":["a"*500000]}))
    e=reverse("console:policies-create")
    T("create visual", lambda: b.post(e,{"document":big,"mode":["json","visual"]}))
    T("create review", lambda: b.post(e,{"document":document(*[allow("*")]*70),"go":"review"}))
    T("create lint", lambda: b.post(e,{"document":"["*130000,"check":"1"}))
    T("create keys", lambda: b.post(e,{"document":keys,"check":"1"}))
    T("inline", lambda: b.post(reverse("console:user-create-inline-policy",args=["bob"]),{"document":big,"go":"review"}))
    nl='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}'+"\n"*130000+']}'
    from accounts.actions import policies, policy_versions
    p=policies.create_policy(admin,policy_name="nl",policy_document=nl)
    for i in range(2): policy_versions.create_policy_version(admin,policy_arn=p.arn,policy_document=nl.replace("Get","Put")+"\n",set_as_default=bool(i))
    for n in ("policy","policy-versions","policy-edit","policy-simulate","policy-compare"):
        try: u=reverse("console:"+n,args=[p.arn])
        except Exception as x: print(n,x); continue
        T(n, lambda: b.get(u+"?version=v1&version=v2"))
    T("edit review", lambda: b.post(reverse("console:policy-edit",args=[p.arn]),{"document":nl.replace("Get","List"),"go":"review"}))
