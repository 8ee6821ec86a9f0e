"""Who learns who calls: a carrier that is trusted, a PBX that is not; and what headers and failures may cross."""
from case import Call, case, expect
from cases_sipp import place_calls

DOUBTED = "privacy = { trust = false; };"


def counted(net, trunk, action):
    """the counter of that action on INVITEs to the trunk"""
    wanted = f'twinleg_identity_total{{trunk="{trunk}",action="{action}"}} '
    lines = [line for line in net.daemon.ctl("metrics")[1].splitlines() if line.startswith(wanted)]
    return int(lines[0].split()[-1]) if lines else None


@case("udp", "tcp")
def privacy_trusted_carrier_doubted_pbx(net, proto):
    """SIPp as both: RFC 3323 5.3, RFC 3325 9.3, in requests and responses"""
    net.begin(f"a-{proto}", f"b-{proto}", b_keys=DOUBTED)
    place_calls(net, "caller_private", f"a-{proto}", f"b-{proto}", 5, 20, callee="callee_untrusted")
    for action, number in (("withheld", 5), ("anonymous", 5), ("refused", 0)):
        expect(counted(net, "callmanager", action) == number, f"{action}: {counted(net, 'callmanager', action)}")


@case(("b-udp", "a-udp"), ("b-tcp", "a-udp"))
def privacy_wish_of_a_doubted_pbx(net, src, dst):
    """RFC 3325 5: what it asserts is dropped, what it prefers is asserted; who answers is not told to it"""
    net.begin(a=dst, b=src, b_keys=DOUBTED, a_keys='privacy = { asserted_id = "pai"; };')
    told = ["P-Asserted-Identity: <sip:+491@example.com>", "P-Preferred-Identity: <sip:+4930@example.com>"]
    call = Call(net, src, dst, headers=told)
    asserted = call.b.invite.all("p-asserted-identity")
    expect(asserted == ["<sip:+4930@example.com>"], f"asserted: {asserted}")
    expect(not call.b.invite.get("p-preferred-identity"), "the wish crosses beside it")
    call.up(["P-Asserted-Identity: <sip:+4989@example.com>"])
    expect(not call.answer.get("p-asserted-identity"), "who answers is told")
    there, _ = call.cross(call.a, call.b, "UPDATE", headers=["P-Preferred-Identity: <sip:+4931@example.com>"])
    expect(there.get("p-asserted-identity") == "<sip:+4931@example.com>", f"UPDATE: {there.get('p-asserted-identity')}")
    call.bye()


@case()
def privacy_that_is_critical(net):
    """RFC 3323 4.2: media is not ours to hide"""
    net.begin(b_keys=DOUBTED)
    leg = net.place(headers=["Privacy: session;critical"])
    leg.expect(500)
    expect(counted(net, "callmanager", "refused") == 1, f"refused: {counted(net, 'callmanager', 'refused')}")
    net.daemon.await_line("privacy that is critical", 2)


@case()
def headers_and_errors_of_a_trunk(net):
    """rules for headers on both sides, and a failure through its cause (RFC 3398)"""
    net.begin(a_keys='headers = { strip = [ "X-Secret.*" ]; };',
              b_keys='headers = { pass = [ "X-.*" ]; }; errors = "map";')
    call = Call(net, headers=["X-Secret-1: 1", "X-Tenant: blue", "User-Agent: test"])
    seen = {name: call.b.invite.get(name) for name in ("x-secret-1", "x-tenant", "user-agent")}
    expect(seen == {"x-secret-1": "", "x-tenant": "blue", "user-agent": ""}, f"crossed: {seen}")
    call.b.reply(call.b.invite, 603, reason="Decline")
    failure = call.a.expect(403)
    expect(failure.get("reason") == 'Q.850;cause=21;text="Call rejected"', f"Reason: {failure.get('reason')}")
    call.b.await_request("ACK")
