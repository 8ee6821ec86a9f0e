"""SIP profiles on a live call: the bytes that the peers see."""
from case import Call, case, expect
from message import Msg

SEED = """voice class sip-profiles 200
 request ANY sip-header Allow-Header modify ", UPDATE" ""
 response ANY sip-header Allow-Header modify ", UPDATE" ""
"""
KEYS = 'profile_out = "seed"; profile_in = "seed";'


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def profile_of_the_seed(net, src, dst):
    """pasted as text, UPDATE leaves Allow in both directions, and the lengths are right"""
    with open(f"{net.bed.folder}/seed.ios", "w", encoding="utf-8") as out:
        out.write(SEED)
    with open(f"{net.bed.folder}/profiles.cfg", "w", encoding="utf-8") as out:
        out.write('profiles = ( { name = "seed"; file = "seed.ios"; } );\n')
    net.begin(src, dst, a_keys=KEYS, b_keys=KEYS, root='profiles = ( "profiles.cfg" );')
    allow = ["Allow: INVITE, ACK, BYE, CANCEL, UPDATE"]
    call = Call(net, src, dst, headers=allow).up(allow)
    call.cross(call.a, call.b, "INFO", b"Signal=5\r\n", ["Content-Type: application/dtmf-relay"])
    call.bye()
    seen = [Msg(raw) for name in (src, dst) for way, raw in net.peer(name).log if way == "in"]
    expect(sum(bool(msg.get("allow")) for msg in seen) >= 3, "no Allow at all")
    for msg in seen:
        expect("UPDATE" not in msg.get("allow"), f"{msg.start}: Allow: {msg.get('allow')}")
        expect(int(msg.get("content-length")) == len(msg.body), f"{msg.start}: {msg.get('content-length')} bytes?")
    expect(any("PRACK" in msg.get("allow") for msg in seen), "more than UPDATE has gone")
